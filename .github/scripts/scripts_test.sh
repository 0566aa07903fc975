#!/usr/bin/env bash
# Tests the scripts beside it: with Terraform, most on stacks that need no provider, and with a gh and a go of its own.
# Arguments: [NAME]... of tests to run; without one all. Exits 1 when one failed. A test skips where a program is missing that
# it needs, or fails with ACCELERATOR_TERRAFORM=required.
set -uo pipefail

scripts=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
terraform=$(command -v terraform || true)
program=$root/program
export scripts terraform program CHECKPOINT_DISABLE=1 GITHUB_REPOSITORY=owner/repo
# Most stacks here have no provider, and one that isn't needed must not be locked.
export TERRAFORM_LOCK_FILE=$root/terraform.lock.hcl
: >"$TERRAFORM_LOCK_FILE"

# The scripts run the program from the repository; a test works elsewhere.
(cd "$scripts/../.." && go build -o "$program" .) || exit 1
mkdir "$root/bin"
printf '#!/usr/bin/env bash\n[[ "$1 $2" == "run ." ]] && exec "$program" "${@:3}"\nexit 1\n' >"$root/bin/go"
chmod +x "$root/bin/go"
PATH=$root/bin:$PATH

# The assertions end a test, which runs with set -e.
equal() { [[ $1 == "$2" ]] || { printf 'got:  %s\nwant: %s\n' "$1" "$2" >&2; return 1; }; }
has() { [[ $1 == *"$2"* ]] || { printf 'got:  %s\nwant in it: %s\n' "$1" "$2" >&2; return 1; }; }
lacks() { [[ $1 != *"$2"* ]] || { printf 'got:  %s\nwant not in it: %s\n' "$1" "$2" >&2; return 1; }; }
fails() { ! "$@" || { printf 'succeeded: %s\n' "$*" >&2; return 1; }; }

# code prints the exit code of a command, and hides what it prints.
code() {
	local code=0
	"$@" >/dev/null 2>&1 || code=$?
	echo "$code"
}

# skip ends a test that lacks something.
skip() {
	echo "$1"
	[[ ${ACCELERATOR_TERRAFORM:-} == required ]] && exit 1
	exit 77
}

needs_terraform() { [[ -n $terraform ]] || skip "terraform is not on the PATH"; }

# needs_provider installs the locked provider, once for all tests.
needs_provider() {
	needs_terraform
	[[ ! -e $root/init/ready ]] || return 0
	mkdir -p "$root/init"
	echo '{"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}}' >"$root/init/main.tf.json"
	cp "$scripts/../terraform.lock.hcl" "$root/init/.terraform.lock.hcl"
	local output
	output=$("$terraform" -chdir="$root/init" init -input=false -no-color -lockfile=readonly 2>&1) ||
		skip "Terraform can't install the AWS provider: $output"
	touch "$root/init/ready"
}

# aws starts moto, has all clients of AWS use it for the rest of the test, and makes state-bucket.
aws() {
	command -v moto_server >/dev/null || skip "moto_server is not installed"
	: >moto.log
	moto_server -H 127.0.0.1 -p 0 >moto.log 2>&1 &
	# shellcheck disable=SC2064 # The process of this test, not of the next.
	trap "kill $!" EXIT
	local url=
	for _ in {1..300}; do
		url=$(grep -oE 'http://127.0.0.1:[0-9]+' moto.log | sed -n 1p || true)
		[[ -z $url ]] || break
		sleep 0.1
	done
	export AWS_ENDPOINT_URL=$url AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_REGION=us-east-1 NO_PROXY=127.0.0.1
	export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
	unset AWS_PROFILE AWS_SESSION_TOKEN
	curl -sSf -X PUT -H "Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request" "$url/state-bucket"
}

# fakes makes the programs that the scripts find on the PATH instead of the real ones.
fakes() {
	mkdir bin
	# gh keeps comments and issues in files; a page has one of them.
	cat >bin/gh <<'GH'
#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$FAKE/gh.log"
[[ $1 == api ]] && shift
method=GET pages=1 fields='{}' path=
while (($#)); do
	case $1 in
	--paginate) pages=all ;;
	--silent) ;;
	-X) method=$2 && shift ;;
	-f) fields=$(jq --arg k "${2%%=*}" --arg v "${2#*=}" '.[$k] = $v' <<<"$fields") && shift ;;
	-F) fields=$(jq --arg k "${2%%=@*}" --rawfile v "${2#*=@}" '.[$k] = $v' <<<"$fields") && shift ;;
	*) path=$1 ;;
	esac
	shift
done
list() { if [[ $pages == all ]]; then jq -c '.[] | [.]' "$1"; else jq -c '.[:1]' "$1"; fi; }
edit() { jq "${@:2}" "$FAKE/$1.json" >"$FAKE/new" && mv "$FAKE/new" "$FAKE/$1.json"; }
bot='{"login": "github-actions[bot]"}'
case "$method $path" in
"GET repos/owner/repo/issues/7/comments?"*) list "$FAKE/comments.json" ;;
"GET repos/owner/repo/issues?state=open&"*) jq 'map(select(.state != "closed"))' "$FAKE/issues.json" >"$FAKE/open" && list "$FAKE/open" ;;
"POST repos/owner/repo/issues/7/comments") edit comments --argjson f "$fields" --argjson u "$bot" '. + [$f + {id: (length + 100), user: $u}]' ;;
"PATCH repos/owner/repo/issues/comments/"*) edit comments --argjson f "$fields" --arg id "${path##*/}" 'map(if .id == ($id | tonumber) then . + $f else . end)' ;;
"POST repos/owner/repo/issues") edit issues --argjson f "$fields" --argjson u "$bot" '. + [$f + {number: (length + 1), user: $u, state: "open"}]' ;;
"PATCH repos/owner/repo/issues/"*) edit issues --argjson f "$fields" --arg n "${path##*/}" 'map(if .number == ($n | tonumber) then . + $f else . end)' ;;
"POST repos/owner/repo/issues/"*"/comments") ;;
"GET repos/owner/repo/environments/"*) cat "$FAKE/environment.json" ;;
*) echo "gh: unexpected $method $path" >&2 && exit 1 ;;
esac
GH
	# go run synthesizes what the commit has in the file app, compares by what stands in the file compared, verifies by what
	# stands in the file verified, and draws the value of a stack.
	cat >bin/go <<'GO'
#!/usr/bin/env bash
set -euo pipefail
if [[ $* == "run . compare "*" --markdown" ]]; then
	exec cat "$FAKE/compared"
elif [[ $* == "run . verify "*" --markdown" ]]; then
	echo "$*" >>"$FAKE/go.log"
	echo "${VERIFY_KEYS:-}" >"$FAKE/go.keys"
	cat "$FAKE/verified"
	! grep -q broken "$FAKE/verified"
	exit
elif [[ $* == "run . diagram --stack "* ]]; then
	exec jq -er ".resource.terraform_data.changed.input // empty" "$5"
elif [[ $* == "run . plan-changes "* ]]; then
	exec "$program" "${@:3}"
fi
[[ $* == "run ." ]]
echo "3 resources"
mkdir -p "cdktf.out/stacks/$(<app)"
[[ $(<app) != broken ]]
GO
	# The real one, but for a plan that is frozen, and for a state of which there are only the outputs.
	cat >bin/terraform <<'TERRAFORM'
#!/usr/bin/env bash
echo "$*" >>"$FAKE/terraform.log"
if [[ -e $FAKE/outputs.json ]]; then
	if [[ $2 == init ]]; then
		! grep -q arn:deploy "${1#-chdir=}/cdk.tf.json"
		exit
	fi
	[[ $2 != output ]] || exec jq -jer --arg name "${*: -1}" '.[$name] // empty' "$FAKE/outputs.json"
fi
[[ "$*" != *" show -json "* || ! -e $FAKE/frozen.json ]] || exec cat "$FAKE/frozen.json"
exec "$terraform" "$@"
TERRAFORM
	chmod +x bin/*
	export FAKE=$PWD PATH=$PWD/bin:$PATH
	echo '{"context": {"accelerator": {}}}' >config
	printf '### Requests\n\nNo request is treated differently.\n\n' >requests
	echo '[]' >comments.json
	echo '[]' >issues.json
	: >gh.log
}

# stack makes one as it is synthesized: DIR NAME BACKEND VALUE.
stack() {
	local backend='{"local": {}}'
	if [[ $3 == s3 ]]; then
		backend="{\"s3\": {\"bucket\": \"b\", \"key\": \"ml-api/${2#ml-api-}.tfstate\"}}"
	fi
	mkdir -p "$1/stacks/$2"
	jq -n --arg name "$2" --argjson backend "$backend" --arg value "$4" '{
		"//": {metadata: {stackName: $name}},
		terraform: {backend: $backend},
		resource: {terraform_data: {kept: {input: "x"}, changed: {input: $value}}}
	}' >"$1/stacks/$2/cdk.tf.json"
}

# keep puts the state of a stack, which is in S3 for the scripts, beside it for Terraform.
keep() { echo '{"terraform": {"backend": {"local": {}}}}' >"$1/backend_override.tf.json"; }

test_environments() {
	stack out ml-api-state local 1
	stack out ml-api-prod s3 1
	stack out ml-api-dev s3 1
	dev='{"environment":"dev","stack":"ml-api-dev"}' prod='{"environment":"prod","stack":"ml-api-prod"}'
	equal "$("$scripts/environments.sh" out)" "[$dev,$prod]"
	equal "$("$scripts/environments.sh" out "")" "[$dev,$prod]"
	equal "$("$scripts/environments.sh" out prod)" "[$prod]"
	# shellcheck disable=SC2016 # It must stay as it is.
	equal "$("$scripts/environments.sh" out '"$(id)' 2>&1 || true)" 'environment: must be one of dev, prod, got ""$(id)"'
	equal "$(code "$scripts/environments.sh" out pro)" 1
	equal "$(code "$scripts/environments.sh" nowhere)" 1
}

test_changed_stacks() {
	for name in dev gone same; do stack base "ml-api-$name" s3 1; done
	for name in dev new same; do stack head "ml-api-$name" s3 1; done
	stack head ml-api-dev s3 2
	stack base ml-api-state local 1
	stack head ml-api-state local 2
	equal "$("$scripts/changed-stacks.sh" base head | xargs)" "ml-api-dev ml-api-gone ml-api-new"
	equal "$("$scripts/changed-stacks.sh" head head)" ""
}

test_changed_stacks_without_a_base() {
	mkdir base
	stack head ml-api-dev s3 1
	equal "$("$scripts/changed-stacks.sh" base head)" ml-api-dev
}

test_changed_stacks_ignores_order() {
	stack base ml-api-dev s3 1
	stack head ml-api-dev s3 1
	jq '.resource.terraform_data |= (to_entries | reverse | from_entries)' base/stacks/ml-api-dev/cdk.tf.json >new
	fails cmp -s new head/stacks/ml-api-dev/cdk.tf.json
	mv new head/stacks/ml-api-dev/cdk.tf.json
	equal "$("$scripts/changed-stacks.sh" base head)" ""
}

test_changed_stacks_refuses_broken_json() {
	stack base ml-api-dev s3 1
	stack head ml-api-dev s3 1
	echo '{' >head/stacks/ml-api-dev/cdk.tf.json
	fails "$scripts/changed-stacks.sh" base head 2>/dev/null
}

# commits makes a repository with one commit per text of the file app.
commits() {
	git init -q repo
	cd repo
	for app in "$@"; do
		echo "$app" >app
		git add app
		git -c user.name=t -c user.email=t@example.com commit -qm "$app"
	done
}

test_synth_base() {
	fakes
	commits one two
	base=$("$scripts/synth-base.sh" "$FAKE/base" 2>/dev/null)
	equal "$base" "$FAKE/base/cdktf.out"
	equal "$(ls "$base/stacks")" one
	equal "$(<app)" two
}

test_synth_base_that_is_broken() {
	fakes
	commits broken two
	base=$("$scripts/synth-base.sh" "$FAKE/base" 2>err)
	equal "$base" "$FAKE/base/cdktf.out"
	equal "$(ls "$base")" ""
	has "$(<err)" "every environment counts as new"
}

test_plan_and_apply() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	equal "$(code "$scripts/plan.sh" "$dir" out -lock=false)" 2
	has "$(<out/plan.txt)" "Plan: 2 to add, 0 to change, 0 to destroy."
	lacks "$(<out/plan.txt)" "Initializing"
	has "$(grep ' plan ' terraform.log)" "-lock=false"
	digest=$(<out/digest)
	equal "${#digest}" 64
	equal "$(code "$scripts/apply.sh" "$dir" out "$digest")" 0
	equal "$("$terraform" -chdir="$dir" state list | xargs)" "terraform_data.changed terraform_data.kept"
	equal "$(code "$scripts/plan.sh" "$dir" out)" 0
	has "$(<out/plan.txt)" "No changes."
	fails test "$(<out/digest)" = "$digest"
}

test_plan_changes_nothing_by_what_checks_read() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	jq '.check.c = {data: {terraform_remote_state: {r: {backend: "local", config: {path: "none"}}}},
		assert: [{condition: "${data.terraform_remote_state.r.outputs.o == 1}", error_message: "no"}]}' "$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	equal "$(code "$scripts/plan.sh" "$dir" out)" 2
	equal "$(code "$scripts/apply.sh" "$dir" out "$(<out/digest)")" 0
	equal "$(code "$scripts/plan.sh" "$dir" out)" 0
	has "$(<out/plan.txt)" "verify a check block"
	equal "$(code "$scripts/apply.sh" "$dir" out nothing)" 0
}

# Nothing in a plan is a command to GitHub's runner.
test_plan_commands_nothing() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	jq '.output.o = {value: "a\n::add-mask::b\n"}' "$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	GITHUB_ACTIONS=true "$scripts/plan.sh" "$dir" out >log || true
	stopped=$(sed -n '1s/^::stop-commands:://p' log)
	equal "${#stopped}" 32
	equal "$(tail -n 1 log)" "::$stopped::"
	has "$(<log)" "::add-mask::b"
	lacks "$(<out/plan.txt)" "$stopped"
}

test_plan_of_equal_changes_has_an_equal_digest() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	"$scripts/plan.sh" "$dir" one >/dev/null || true
	sleep 1
	"$scripts/plan.sh" "$dir" two >/dev/null || true
	equal "$(<one/digest)" "$(<two/digest)"
	stack head ml-api-dev local 2
	"$scripts/plan.sh" "$dir" three >/dev/null || true
	fails test "$(<one/digest)" = "$(<three/digest)"
}

test_plan_has_outputs_in_the_digest() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	"$scripts/plan.sh" "$dir" one >/dev/null || true
	jq '.output.o.value = "x"' "$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	"$scripts/plan.sh" "$dir" two >/dev/null || true
	fails cmp -s one/digest two/digest
}

test_plan_leaves_what_stays_out_of_the_digest() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	"$terraform" -chdir="$dir" init >/dev/null
	"$terraform" -chdir="$dir" apply -auto-approve >/dev/null
	stack head ml-api-dev local 2
	"$scripts/plan.sh" "$dir" one >/dev/null || true
	jq '(.resources[] | select(.name == "kept").instances[0].attributes.id) = "other"' "$dir/terraform.tfstate" >new
	mv new "$dir/terraform.tfstate"
	"$scripts/plan.sh" "$dir" two >/dev/null || true
	equal "$(<one/digest)" "$(<two/digest)"
}

test_plan_has_moves_and_imports_in_the_digest() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	"$terraform" -chdir="$dir" init >/dev/null
	"$terraform" -chdir="$dir" apply -auto-approve >/dev/null
	equal "$(code "$scripts/plan.sh" "$dir" none)" 0
	cp "$dir/cdk.tf.json" applied
	jq '.moved = [{from: "terraform_data.kept", to: "terraform_data.new"}]
		| .resource.terraform_data |= {new: .kept, changed: .changed}' applied >"$dir/cdk.tf.json"
	equal "$(code "$scripts/plan.sh" "$dir" move)" 2
	fails cmp -s none/digest move/digest
	jq '.import = [{to: "terraform_data.new", id: "1"}] | .resource.terraform_data.new = {}' applied >"$dir/cdk.tf.json"
	equal "$(code "$scripts/plan.sh" "$dir" import)" 2
	fails cmp -s none/digest import/digest
}

test_plan_masks_what_is_sensitive() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	jq '.variable.s = {default: "hunter2", sensitive: true} | .resource.terraform_data.changed.input = "${var.s}"' \
		"$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	"$scripts/plan.sh" "$dir" out >log || true
	has "$(<out/plan.txt)" "(sensitive value)"
	lacks "$(<out/plan.txt)" hunter2
	lacks "$(<log)" hunter2
}

test_plan_that_fails() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	equal "$(code "$scripts/plan.sh" "$dir" out)" 2
	jq '.output.o.value = "${terraform_data.nothing.id}"' "$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	equal "$(code "$scripts/plan.sh" "$dir" out)" 1
	has "$(<out/plan.txt)" "Reference to undeclared resource"
	equal "$(ls out)" plan.txt
	equal "$(code "$scripts/apply.sh" "$dir" out "")" 1
	lacks "$("$scripts/apply.sh" "$dir" out x 2>&1 || true)" "not applied"
	equal "$(code "$scripts/plan.sh" nowhere out)" 1
}

test_plan_roles() {
	config='{"context": {"accelerator": {
		"state": {"roleArn": "arn:state", "planRoleArn": "arn:state-plan"},
		"environments": {
			"dev": {"account": {"roleArn": "arn:deploy", "planRoleArn": "arn:plan"}},
			"prod": {"account": {"roleArn": "arn:deploy"}}}}}}'
	with_roles='{
		terraform: {backend: {s3: {bucket: "b", key: "ml-api/dev.tfstate", assume_role: {role_arn: "arn:state"}}}},
		provider: {aws: [{region: "r", assume_role: [{role_arn: "arn:deploy"}]}, {alias: "edge", assume_role: [{role_arn: "arn:deploy"}]}]},
		resource: {a: {b: {assume_role: "kept"}}}}'
	mkdir s

	# edited makes s/cdk.tf.json with jq, and prints what becomes of it with a configuration.
	edited() {
		jq -n "$1" >s/cdk.tf.json
		"$scripts/plan-roles.sh" <(echo "$2") s
		jq -c '[.terraform.backend.s3.assume_role, (.provider.aws[]? | .assume_role), .resource.a.b.assume_role]' s/cdk.tf.json
	}
	equal "$(edited "$with_roles" "$config")" \
		'[{"role_arn":"arn:state-plan"},[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"}],"kept"]'
	equal "$(jq -c '.terraform.backend.s3.bucket, .provider.aws[1].alias' s/cdk.tf.json | xargs)" "b edge"
	equal "$(edited "$with_roles | del(.. | .assume_role?)" "$config")" \
		'[{"role_arn":"arn:state-plan"},[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"}],null]'
	equal "$(edited "$with_roles | .terraform.backend.s3.key = \"ml-api/prod.tfstate\"" "$config")" \
		'[{"role_arn":"arn:state-plan"},null,null,"kept"]'
	equal "$(edited "$with_roles" '{"context": {"accelerator": {}}}')" '[null,null,null,"kept"]'
	zones="$with_roles"' | .provider.aws += [{alias: "zones", assume_role: [{role_arn: "arn:deploy"}, {role_arn: "arn:dns"}]}]'
	equal "$(edited "$zones" "$(jq '.context.accelerator.environments.dev.domain.hostedZonePlanRoleArn = "arn:dns-plan"' <<<"$config")")" \
		'[{"role_arn":"arn:state-plan"},[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"},{"role_arn":"arn:dns-plan"}],"kept"]'
	equal "$(edited "$zones" "$config")" \
		'[{"role_arn":"arn:state-plan"},[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"}],[{"role_arn":"arn:plan"}],"kept"]'
	equal "$(edited "$zones" "$(jq 'del(.. | .planRoleArn?) | .context.accelerator.environments.dev.domain.hostedZonePlanRoleArn = "arn:dns-plan"' <<<"$config")")" \
		'[null,null,null,[{"role_arn":"arn:dns-plan"}],"kept"]'
	equal "$(edited '{terraform: {backend: {local: {}}}}' "$config")" '[null,null]'
	fails "$scripts/plan-roles.sh" nowhere s 2>/dev/null
}

# assumed prints the roles that Terraform assumed, of its log.
assumed() { grep -oE 'RoleArn=[^& "]*' log | sed 's/.*%2F//' | sort -u | xargs; }

test_plan_assumes_no_role_that_deploys() {
	needs_provider
	aws
	unset TERRAFORM_LOCK_FILE
	export TF_LOG=DEBUG TF_LOG_PATH=$PWD/log GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=output
	# In moto's own account.
	role() { echo "arn:aws:iam::123456789012:role/$1"; }
	synth() {
		mkdir -p ml-api-dev
		jq -n --arg account "$(role deploy)" --arg state "$(role state)" '{
			terraform: {
				required_providers: {aws: {source: "aws"}},
				backend: {s3: {bucket: "state-bucket", key: "ml-api/dev.tfstate", region: "us-east-1", use_lockfile: true, use_path_style: true,
					assume_role: {role_arn: $state}}}},
			provider: {aws: [{assume_role: [{role_arn: $account}]}, {alias: "edge", assume_role: [{role_arn: $account}]}]},
			data: {aws_caller_identity: {home: {}, edge: {provider: "aws.edge"}}},
			resource: {terraform_data: {account: {input: "${data.aws_caller_identity.home.account_id}"}}}}' >ml-api-dev/cdk.tf.json
	}
	synth
	jq -n --arg account "$(role plan)" --arg state "$(role state-plan)" '{context: {accelerator: {
		state: {planRoleArn: $state}, environments: {dev: {account: {planRoleArn: $account}}}}}}' >config
	"$scripts/plan-environment.sh" config ml-api-dev out 60000
	equal "$(assumed)" "plan state-plan"
	digest=$(<out/digest)

	rm -rf log ml-api-dev/.terraform
	synth
	"$scripts/apply.sh" ml-api-dev out "$digest"
	equal "$(assumed)" "deploy state"
}

test_plan_installs_only_what_is_locked() {
	needs_provider
	unset TERRAFORM_LOCK_FILE
	mkdir s
	jq '{terraform: (.terraform | del(.backend))}' "$scripts/../../stacks/testdata/everything-state.tf.json" >s/cdk.tf.json
	equal "$(code "$scripts/plan.sh" s out)" 0
	cmp s/.terraform.lock.hcl "$scripts/../terraform.lock.hcl"
	rm -rf s/.terraform
	sed 's/"h1:./"h1:?/' "$scripts/../terraform.lock.hcl" >other
	equal "$(TERRAFORM_LOCK_FILE=other code "$scripts/plan.sh" s out)" 1
	has "$(tr -s ' \n' ' ' <out/plan.txt)" "doesn't match any of the checksums"
	: >other
	rm -rf s/.terraform
	equal "$(TERRAFORM_LOCK_FILE=other code "$scripts/plan.sh" s out)" 1
	has "$(<out/plan.txt)" "Provider dependency changes detected"
}

test_mirror_provider() {
	needs_provider
	unset TERRAFORM_LOCK_FILE
	mkdir bin
	# A registry with the package that is installed already.
	cat >bin/terraform <<'TERRAFORM'
#!/usr/bin/env bash
[[ "$*" == *" providers mirror "* ]] || exec "$terraform" "$@"
grep -q '"version": "5.100.0"' "${1#-chdir=}/main.tf.json"
cp -r "$PROVIDERS" "${*: -1}"
TERRAFORM
	chmod +x bin/terraform
	export PROVIDERS=$root/init/.terraform/providers PATH=$PWD/bin:$PATH
	"$scripts/mirror-provider.sh" dir
	has "$(<dir/terraformrc)" "path = \"$PWD/dir/mirror\""
	sed 's/"h1:./"h1:?/' "$scripts/../terraform.lock.hcl" >other
	equal "$(TERRAFORM_LOCK_FILE=other code "$scripts/mirror-provider.sh" other-dir)" 1
}

test_plan_shows_origins_first() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	cp "$scripts/../../stacks/internal/live/plan/testdata/origins.json" frozen.json
	origins=$("$program" plan-changes <frozen.json)
	"$scripts/plan.sh" head/stacks/ml-api-dev out >log || true
	equal "$(sed -n 1,2p out/plan.txt)" "$(sed -n 1,2p <<<"$origins")"
	has "$(<out/plan.txt)" "Plan: 2 to add"
	has "$(<log)" "$origins"
	equal "$(grep -rl rotated-secret . | xargs)" ./frozen.json
}

test_apply_refuses_another_plan() {
	needs_terraform
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	"$scripts/plan.sh" "$dir" shown >/dev/null || true
	stack head ml-api-dev local 2
	equal "$(code "$scripts/apply.sh" "$dir" out "$(<shown/digest)")" 1
	has "$("$scripts/apply.sh" "$dir" out "$(<shown/digest)" 2>&1 || true)" "isn't the one that was shown"
	fails test -e "$dir/terraform.tfstate"
}

# deployed applies a stack with the outputs of an environment, of which CONFIG expects something: EXPECT.
deployed() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	dir=head/stacks/ml-api-dev
	jq '.output = {api_url: {value: "https://api.example.com"}, cloudfront_distribution_domain: {value: "d1.cloudfront.net"}}' \
		"$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	"$scripts/plan.sh" "$dir" out >/dev/null || true
	"$scripts/apply.sh" "$dir" out "$(<out/digest)" >/dev/null
	jq -n --argjson expect "$1" '{context: {accelerator: {environments: {dev: {expect: $expect}}}}}' >config
	export GITHUB_STEP_SUMMARY=summary
	echo before >summary
}

test_verify() {
	deployed '[{"request": "GET /", "status": 403}]'
	echo '| ok |' >verified
	equal "$("$scripts/verify.sh" config "$dir" dev)" '| ok |'
	equal "$(<go.log)" "run . verify dev --config config --url https://api.example.com --connect-to d1.cloudfront.net --markdown"
	equal "$(<summary)" $'before\n### Verification of https://api.example.com\n\n| ok |'
}

test_verify_with_keys() {
	deployed '[{"request": "GET /", "caller": "alice", "cached": false}]'
	echo '| ok |' >verified
	VERIFY_KEYS=$'alice=sk-a\n\nbob=sk-b\n' "$scripts/verify.sh" config "$dir" dev >/dev/null
	# They aren't arguments, which everyone on the machine sees.
	has "$(<go.log)" " --connect-to d1.cloudfront.net --markdown"
	has "$(<go.keys)" $'alice=sk-a\n\nbob=sk-b'
}

# Every job of a pull request that may sign in to AWS leaves Dependabot out.
test_dependabot_gets_no_credentials() {
	for workflow in "$scripts"/../workflows/*.yml; do
		! grep -q '^on: pull_request\|^  pull_request:' "$workflow" || ! grep -q 'id-token: write' "$workflow" ||
			has "$(<"$workflow")" "github.event.pull_request.user.login != 'dependabot[bot]'"
	done
}

test_verify_that_is_broken() {
	deployed '[{"request": "GET /", "status": 403}]'
	echo '| broken |' >verified
	equal "$(code "$scripts/verify.sh" config "$dir" dev)" 1
	has "$(<summary)" $'| broken |\n\nEverything was applied, and nothing is rolled back.'
	has "$("$scripts/verify.sh" config "$dir" dev 2>&1 || true)" "nothing is rolled back"
}

test_verify_where_nothing_is_expected() {
	deployed null
	equal "$(code "$scripts/verify.sh" config "$dir" dev)" 0
	has "$(<summary)" "there is nothing to verify"
	fails test -e go.log
}

test_verify_without_outputs() {
	deployed '[{"request": "GET /", "status": 403}]'
	jq 'del(.output.api_url)' "$dir/cdk.tf.json" >new
	mv new "$dir/cdk.tf.json"
	TF_IN_AUTOMATION=1 "$terraform" -chdir="$dir" apply -auto-approve -no-color >/dev/null
	equal "$(code "$scripts/verify.sh" config "$dir" dev)" 1
	fails test -e go.log
}

test_render() {
	printf 'Terraform will\nPlan: 1 to add, 0 to change, 0 to destroy.\n' >text
	equal "$("$scripts/render.sh" ml-api-dev 2 text 1000)" '### ml-api-dev

Plan: 1 to add, 0 to change, 0 to destroy.

<details><summary>Terraform</summary>

```
Terraform will
Plan: 1 to add, 0 to change, 0 to destroy.
```

</details>'
	has "$("$scripts/render.sh" ml-api-dev 0 text 1000)" $'\n\nNo changes.\n\n'
	has "$("$scripts/render.sh" ml-api-dev 1 text 1000)" $'\n\nThe plan failed.\n\n'
	printf 'x\nChanges to Outputs:\n  + a = 1\n' >text
	has "$("$scripts/render.sh" ml-api-dev 2 text 1000)" $'\n\nChanges to Outputs\n\n'
	printf 'moved\n' >text
	has "$("$scripts/render.sh" ml-api-dev 2 text 1000)" $'\n\nChanges.\n\n'
}

test_render_cuts() {
	printf '0123456789\n' >text
	printf '\xc3\xa4\xc3\xa4\xc3\xa4\n' >>text
	printf 'end\n' >>text
	has "$("$scripts/render.sh" s 2 text 22)" $'```\n0123456789\näää\nend\n```'
	has "$("$scripts/render.sh" s 2 text 18)" $'```\n0123456789\näää\n... cut, the rest is in the log of the run\n```'
	has "$("$scripts/render.sh" s 2 text 17)" $'```\n0123456789\n... cut, the rest is in the log of the run\n```'
}

test_render_keeps_the_text_inside() {
	printf '%s\n' '```' '</details>' '`````' '````' >text
	has "$("$scripts/render.sh" s 2 text 100)" $'\n````````\n```\n</details>\n`````\n````\n````````\n\n</details>'
}

test_plan_changed() {
	needs_terraform
	fakes
	stack base ml-api-gone s3 1
	mkdir head
	for name in a b same; do stack head "ml-api-$name" s3 1; done
	stack base ml-api-same s3 1
	jq '.output.o.value = "${terraform_data.nothing.id}"' head/stacks/ml-api-a/cdk.tf.json >new
	mv new head/stacks/ml-api-a/cdk.tf.json
	jq '.terraform.backend.s3.assume_role.role_arn = "arn:state"' head/stacks/ml-api-b/cdk.tf.json >new
	mv new head/stacks/ml-api-b/cdk.tf.json
	keep head/stacks/ml-api-a
	keep head/stacks/ml-api-b
	equal "$(code "$scripts/plan-changed.sh" base head config requests body diagrams)" 1
	equal "$(head -n 5 body)" $'### Requests\n\nNo request is treated differently.\n\n### ml-api-a'
	has "$(<body)" $'### ml-api-a\n\nThe plan failed.'
	has "$(<body)" $'### ml-api-b\n\nPlan: 2 to add'
	has "$(<body)" $'### ml-api-gone\n\nNot configured any more.'
	lacks "$(<body)" $'### ml-api-gone\n\nThe plan failed.'
	lacks "$(<body)" ml-api-same
	lacks "$(<head/stacks/ml-api-b/cdk.tf.json)" arn:state
	equal "$(grep -c ' plan ' terraform.log)" 2
	equal "$(grep ' plan ' terraform.log | grep -c -e -lock=false)" 2
}

test_plan_changed_without_a_change() {
	needs_terraform
	stack head ml-api-dev s3 1
	echo old >body
	equal "$(code "$scripts/plan-changed.sh" head head config requests body diagrams)" 0
	test -f body
	equal "$(<body)" ""
}

test_plan_changed_that_fails_leaves_no_body() {
	needs_terraform
	stack head ml-api-dev s3 1
	echo '{' >head/stacks/ml-api-dev/cdk.tf.json
	echo old >body
	fails "$scripts/plan-changed.sh" nowhere head config requests body diagrams 2>/dev/null
	fails test -e body
}

test_plan_changed_fits_into_a_comment() {
	needs_terraform
	fakes
	mkdir base
	for name in a b; do
		stack head "ml-api-$name" s3 "$(seq 4000)"
		keep "head/stacks/ml-api-$name"
	done
	head -c 18000 /dev/zero | tr '\0' r >requests
	equal "$(code "$scripts/plan-changed.sh" base head config requests body diagrams)" 0
	echo '[]' >comments.json
	"$scripts/comment.sh" 7 abc body
	length=$(jq '.[0].body | length' comments.json)
	((length < 65536 && length > 50000))
	has "$(<body)" "### ml-api-b"
	equal "$(grep -c '^\.\.\. cut' body)" 2
}

test_compare() {
	fakes
	mkdir -p base/stacks head
	printf '**prod**\n\n| request |\n|---|\n| `GET /a` |\n| `GET /b` |\n' >compared
	equal "$("$scripts/compare.sh" base head 1000 2>log)" $'### Requests\n\n**prod**\n\n| request |\n|---|\n| `GET /a` |\n| `GET /b` |'
	equal "$(<log)" "$(<compared)"
	equal "$("$scripts/compare.sh" base head 41 2>log)" $'### Requests\n\n**prod**\n\n| request |\n|---|\n| `GET /a` |\n\n... cut, the rest is in the log of the run'
	equal "$(<log)" "$(<compared)"
}

test_compare_that_fails() {
	fakes
	mkdir -p base/stacks head
	equal "$("$scripts/compare.sh" base head 1000 2>/dev/null)" $'### Requests\n\nThe comparison failed; the log of the run says why.'
	equal "$("$scripts/compare.sh" head head 1000 2>/dev/null)" $'### Requests\n\nThere is nothing to compare with.'
}

test_require_approval() {
	fakes
	approval() { UNATTENDED=${1-} "$scripts/require-approval.sh" prod; }
	echo '{"protection_rules": [{"type": "branch_policy"}, {"type": "required_reviewers", "reviewers": [{"type": "User"}]}]}' >environment.json
	approval
	for unprotected in '[]' '[{"type": "wait_timer"}]' '[{"type": "required_reviewers", "reviewers": []}]'; do
		echo "{\"protection_rules\": $unprotected}" >environment.json
		has "$(approval || true)" "nobody has to approve deploys to prod"
		equal "$(code approval)" 1
		equal "$(code approval false)" 1
		approval true
	done
	rm environment.json
	equal "$(code approval)" 1
	equal "$(code approval true)" 1
}

test_diagrams() {
	fakes
	for name in dev broken gone; do stack base "ml-api-$name" s3 1; done
	for name in dev broken new same; do stack head "ml-api-$name" s3 2; done
	stack base ml-api-same s3 2
	jq 'del(.resource.terraform_data.changed)' head/stacks/ml-api-broken/cdk.tf.json >new
	mv new head/stacks/ml-api-broken/cdk.tf.json
	stack base ml-api-tags s3 3
	jq '.resource.terraform_data.kept.input = "y"' base/stacks/ml-api-tags/cdk.tf.json >new
	mkdir head/stacks/ml-api-tags
	mv new head/stacks/ml-api-tags/cdk.tf.json
	"$scripts/diagrams.sh" base head out 2>/dev/null
	equal "$(ls out | xargs)" "ml-api-dev.md ml-api-new.md"
	equal "$(<out/ml-api-dev.md)" '<details><summary>Diagram</summary>

```mermaid
2
```

</details>'
	"$scripts/diagrams.sh" head head none
	equal "$(ls none)" ""
}

test_plan_changed_shows_diagrams() {
	needs_terraform
	fakes
	mkdir base diagrams
	: >requests
	for name in a b; do
		stack head "ml-api-$name" s3 "$(seq 4000)"
		keep "head/stacks/ml-api-$name"
	done
	printf '%s\n\n' "$(seq 2000)" >diagrams/ml-api-a.md
	printf '%s\n' "$(seq 4000)" >diagrams/ml-api-b.md
	equal "$(code "$scripts/plan-changed.sh" base head config requests body diagrams)" 0
	has "$(<body)" $'\n</details>\n\n1\n2\n3\n'
	has "$(<body)" $'\n2000\n\n### ml-api-b\n'
	lacks "$(<body)" $'\n</details>\n\n1\n2\n3\n'"$(seq 4 4000)"
	(($(wc -c <body) < 60000))
	equal "$(tail -n 2 body | head -n 1)" "</details>"
}

test_plan_environment() {
	needs_terraform
	fakes
	stack head ml-api-dev local 1
	export GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=output
	echo "before=1" | tee summary >output
	equal "$(code "$scripts/plan-environment.sh" config head/stacks/ml-api-dev out 60000)" 0
	has "$(<summary)" $'### ml-api-dev\n\nPlan: 2 to add'
	equal "$(<summary)" "before=1"$'\n'"$(<out/plan.md)"
	equal "$(<output)" "before=1"$'\n'"code=2"$'\n'"digest=$(<out/digest)"
	has "$(grep ' plan ' terraform.log)" "-lock=false"
	jq '.output.o.value = "${terraform_data.nothing.id}"' head/stacks/ml-api-dev/cdk.tf.json >new
	mv new head/stacks/ml-api-dev/cdk.tf.json
	rm output
	equal "$(code "$scripts/plan-environment.sh" config head/stacks/ml-api-dev out 60000)" 1
	has "$(<summary)" "The plan failed."
	fails test -e output
}

test_comment_is_one() {
	fakes
	cat >comments.json <<'JSON'
[
	{"id": 1, "user": {"login": "someone"}, "body": "<!-- terraform-plan -->\nmine"},
	{"id": 2, "user": {"login": "github-actions[bot]"}, "body": "another"}
]
JSON
	echo first >body
	"$scripts/comment.sh" 7 abc body
	echo second >body
	"$scripts/comment.sh" 7 def body
	equal "$(jq length comments.json)" 3
	has "$(jq -r '.[0].body' comments.json)" mine
	equal "$(jq -r '.[1].body' comments.json)" another
	equal "$(jq -r '.[2].body' comments.json)" '<!-- terraform-plan -->
## Terraform plan of def

second'
	: >body
	"$scripts/comment.sh" 7 abc body
	equal "$(jq length comments.json)" 3
	has "$(jq -r '.[2].body' comments.json)" "No environment changes."
}

test_comment_of_two_updates_the_first() {
	fakes
	cat >comments.json <<'JSON'
[
	{"id": 1, "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-plan -->\none"},
	{"id": 2, "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-plan -->\ntwo"}
]
JSON
	echo new >body
	"$scripts/comment.sh" 7 abc body
	has "$(jq -r '.[0].body' comments.json)" new
	has "$(jq -r '.[1].body' comments.json)" two
}

test_comment_needs_a_plan() {
	fakes
	: >body
	"$scripts/comment.sh" 7 abc body
	equal "$(<comments.json)" "[]"
	fails "$scripts/comment.sh" 7 abc missing 2>/dev/null
}

test_drift_issue_is_one() {
	fakes
	cat >issues.json <<'JSON'
[
	{"number": 1, "state": "open", "user": {"login": "someone"}, "body": "<!-- terraform-drift:dev -->\nmine"},
	{"number": 2, "state": "open", "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-drift:dev -->\npull", "pull_request": {}},
	{"number": 3, "state": "closed", "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-drift:dev -->\nold"},
	{"number": 4, "state": "open", "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-drift:dev-2 -->\nother"},
	{"number": 5, "state": "open", "user": {"login": "github-actions[bot]"}, "body": null}
]
JSON
	cp issues.json before.json
	echo first >body
	"$scripts/drift-issue.sh" dev 2 body
	equal "$(jq length issues.json)" 6
	equal "$(jq -r '.[5].title' issues.json)" "Drift in dev"
	echo second >body
	"$scripts/drift-issue.sh" dev 2 body
	equal "$(jq length issues.json)" 6
	has "$(jq -r '.[5].body' issues.json)" second
	lacks "$(jq -r '.[5].body' issues.json)" first
	equal "$(jq -r '.[5].body' issues.json | head -1)" "<!-- terraform-drift:dev -->"
	"$scripts/drift-issue.sh" dev 0 body
	equal "$(jq -r '.[5].state' issues.json)" closed
	has "$(<gh.log)" "POST repos/owner/repo/issues/6/comments"
	equal "$(jq -c '.[:5]' issues.json)" "$(jq -c . before.json)"
}

test_drift_issue_of_two_updates_the_older() {
	fakes
	cat >issues.json <<'JSON'
[
	{"number": 10, "state": "open", "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-drift:dev -->\nten"},
	{"number": 9, "state": "open", "user": {"login": "github-actions[bot]"}, "body": "<!-- terraform-drift:dev -->\nnine"}
]
JSON
	echo new >body
	"$scripts/drift-issue.sh" dev 2 body
	equal "$(jq length issues.json)" 2
	has "$(jq -r '.[0].body' issues.json)" ten
	has "$(jq -r '.[1].body' issues.json)" new
	"$scripts/drift-issue.sh" dev 0 body
	equal "$(jq -c 'map(.state)' issues.json)" '["closed","closed"]'
}

test_drift_issue_without_drift() {
	fakes
	: >body
	"$scripts/drift-issue.sh" dev 0 body
	equal "$(wc -l <gh.log)" 1
	fails "$scripts/drift-issue.sh" dev 1 body 2>/dev/null
	fails "$scripts/drift-issue.sh" dev "" body 2>/dev/null
	equal "$(<issues.json)" "[]"
}

passed=0 failed=0 skipped=0
if (($# == 0)); then
	mapfile -t names < <(compgen -A function test_)
	set -- "${names[@]}"
fi
for name in "$@"; do
	mkdir "$root/$name"
	(
		set -euo pipefail
		cd "$root/$name"
		"$name"
	) >"$root/$name.log" 2>&1
	# Not in a condition, which would turn set -e off.
	case $? in
	0) passed=$((passed + 1)) ;;
	77)
		skipped=$((skipped + 1))
		echo "$name skipped: $(tail -n 1 "$root/$name.log")"
		;;
	*)
		failed=$((failed + 1))
		echo "$name failed:"
		cat "$root/$name.log"
		;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
