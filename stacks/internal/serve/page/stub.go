package page

func For(int, string, string) (string, []byte) { return "text/html", []byte("stub") }
