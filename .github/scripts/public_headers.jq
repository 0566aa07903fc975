# The custom headers of origins, in lower case, of which the value stands in the configuration, and so is no secret.
# Input: a plan as "terraform show -json" prints it.
def public_headers: [
	.configuration | .. | objects | select(.type? == "aws_cloudfront_distribution") | .expressions.origin[]?.custom_header[]?
	| select(.value | has("references") | not) | .name.constant_value | strings | ascii_downcase
	| select(. != "x-origin-verify")];
