# shellcheck shell=bash
# Tests take down what they made when they end. One that is killed, or that go test ends for taking too
# long, does not come to that.

# sweep_engine ENDPOINT removes the projects of tests whose process has ended. A project is a test's of this
# machine if its name has a test's form, with the number of its process, and if its directory is here.
sweep_engine() {
	local project directory
	while read -r project directory; do
		[[ $project =~ ^(gctest|gocompose-runtime|gocompose-session|spec-parity-.+)-([0-9]+)(-[0-9]+)?$ ]] || continue
		if [ -e "/proc/${BASH_REMATCH[2]}" ] || [ ! -d "$directory" ]; then
			continue
		fi
		say "removing $project, which a test that was killed has left on $1"
		sweep_project "$1" "$project"
	done < <(docker --host "$1" ps --all --filter label=com.docker.compose.project --format \
		'{{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}' | sort -u)
}

# sweep_project ENDPOINT PROJECT removes what carries the project's label.
sweep_project() {
	local label=label=com.docker.compose.project=$2 ids
	mapfile -t ids < <(docker --host "$1" container ls --all --quiet --filter "$label")
	[ "${#ids[@]}" = 0 ] || docker --host "$1" container rm --force --volumes "${ids[@]}" >/dev/null
	mapfile -t ids < <(docker --host "$1" network ls --quiet --filter "$label")
	[ "${#ids[@]}" = 0 ] || docker --host "$1" network rm "${ids[@]}" >/dev/null
	mapfile -t ids < <(docker --host "$1" volume ls --quiet --filter "$label")
	[ "${#ids[@]}" = 0 ] || docker --host "$1" volume rm "${ids[@]}" >/dev/null
}
