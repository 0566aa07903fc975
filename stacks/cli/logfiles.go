package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// foundLogs are the files that patterns name. If it takes a program with more modules to read them, the error has the command.
func foundLogs(cmd *cobra.Command, patterns []string) ([]logs.File, error) {
	files, err := logs.Find(patterns)
	if errors.Is(err, logs.ErrParquet) {
		return nil, fmt.Errorf("%w: go run -tags parquet . %s", err, typed(cmd))
	}
	return files, err
}

// manyArgs are such as a shell makes of a pattern.
const manyArgs = 4

// typed is the command line, to be typed again.
func typed(cmd *cobra.Command) string {
	words := strings.Fields(cmd.CommandPath())[1:]
	args := cmd.Flags().Args()
	for _, arg := range args[:min(len(args), manyArgs)] {
		words = append(words, quoted(arg))
	}
	if len(args) > manyArgs {
		words = append(words, "…")
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, is := f.Value.(pflag.SliceValue); is {
			values = several.GetSlice()
		}
		for _, value := range values {
			word := "--" + f.Name
			if value != f.NoOptDefVal {
				word += "=" + quoted(value)
			}
			words = append(words, word)
		}
	})
	return strings.Join(words, " ")
}

var needsQuotes = regexp.MustCompile(`[^\w./:=,@%+-]`)

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && !needsQuotes.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
