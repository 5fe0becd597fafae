# fish completion for gocompose. To load it in this shell:
#
#     gocompose completion fish | source
#
# For all shells put its output into ~/.config/fish/completions/gocompose.fish.

function __gocompose_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -q lines[1]; or return
    set -l found
    if test (count $lines) -gt 1
        set found $lines[1..-2]
    end
    switch $lines[-1]
        case :8
            __fish_complete_suffix .yaml
            __fish_complete_suffix .yml
        case :16
            __fish_complete_directories "$current"
        case :0 :2
            if set -q found[1]
                printf '%s\n' $found
            else
                __fish_complete_path "$current"
            end
        case '*'
            set -q found[1]; and printf '%s\n' $found
    end
end

complete -c gocompose -f -a '(__gocompose_complete)'
