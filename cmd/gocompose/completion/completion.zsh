#compdef gocompose
# zsh completion for gocompose. To load it in this shell:
#
#     source <(gocompose completion zsh)
#
# For all shells put its output into a directory of $fpath, as _gocompose.

_gocompose() {
	local -a lines found
	local line directive
	lines=("${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
	directive=${lines[-1]#:}
	[[ $directive == <-> ]] || return 1

	if (( directive & 8 )); then
		_files -g '*.(yaml|yml)'
		return
	fi
	if (( directive & 16 )); then
		_files -/
		return
	fi
	for line in "${(@)lines[1,-2]}"; do
		[[ -n $line ]] && found+=("${${line//:/\\:}/$'\t'/:}")
	done
	if (( $#found )); then
		local -a how
		(( directive & 2 )) && how=(-S '')
		_describe -t candidates gocompose found "${how[@]}"
	elif (( ! (directive & 4) )); then
		_files
	fi
}

if [[ $funcstack[1] == _gocompose ]]; then
	_gocompose "$@"
else
	(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
	compdef _gocompose gocompose
fi
