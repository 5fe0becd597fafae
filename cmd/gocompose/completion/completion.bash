# bash completion for gocompose. To load it in this shell:
#
#     source <(gocompose completion bash)
#
# For all shells put its output into ~/.local/share/bash-completion/completions/gocompose.

_gocompose() {
	local -a words=()
	local i word line=${COMP_LINE:0:COMP_POINT} last=-1
	# bash takes words apart at = and :, so put together what no blank parts.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((last >= 0)) && [[ $line != [[:space:]]* ]]; then
			words[last]+=$word
		else
			last=$((last + 1))
			words[last]=$word
		fi
		line=${line#"${line%%[![:space:]]*}"}
		line=${line#"$word"}
	done
	for ((i = 1; i <= last; i++)); do
		case ${words[i]} in
		'~' | '~/'*) words[i]=$HOME${words[i]:1} ;;
		esac
	done

	local answer directive
	answer=$("${words[0]}" __completeNoDesc "${words[@]:1}" 2>/dev/null) || return
	directive=${answer##*:}
	answer=${answer%:*}
	case $directive in *[!0-9]* | '') return ;; esac

	# What bash has taken off the word is not part of what it wants back.
	local current=${words[last]} taken=
	case $COMP_WORDBREAKS in *[=:]*) taken=${current%"${current##*[=:]}"} ;; esac
	local rest=${current#"$taken"}

	COMPREPLY=()
	if ((directive & 8)); then
		compopt -o filenames 2>/dev/null
		while read -r word; do
			[[ -n $word ]] || continue
			while read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -X "!*.$word" -- "$rest")
		done <<<"$answer"
		while read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$rest")
	elif ((directive & 16)); then
		compopt -o filenames 2>/dev/null
		while read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$rest")
	else
		while read -r word; do
			[[ -n $word ]] && COMPREPLY+=("${word#"$taken"}")
		done <<<"$answer"
		((directive & 2)) && compopt -o nospace 2>/dev/null
		if ((${#COMPREPLY[@]} == 0 && !(directive & 4))); then
			compopt -o filenames 2>/dev/null
			while read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$rest")
		fi
	fi
	return 0
}

complete -F _gocompose gocompose
