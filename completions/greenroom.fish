# greenroom in fish: Tab asks `greenroom`, whose answer is what may stand at the cursor. For conf.d.

function __greenroom_complete
    command -q greenroom; or return
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    # Of a greenroom that is killed fish would tell, where sh does not.
    set -l answer (command sh -c 'greenroom "$@" || exit' sh __complete fish "$line" 2>/dev/null </dev/null)
    or return
    string join -- \n $answer[2..]
    set -l paths (string split -- \t $answer[1])
    set -q paths[3]; or return 0
    # What fish offers for a command that it knows nothing of.
    set -l found (complete --do-complete "'' $paths[3]")
    test $paths[1] = folders; and set found (string match -- '*/' $found)
    printf '%s\n' $paths[2]$found
end

if status is-interactive
    set -l names production staging prepare development review greenroom
    set -l links $HOME/.local/share/greenroom/links
    test -n "$XDG_DATA_HOME"; and set links $XDG_DATA_HOME/greenroom/links
    if test -r $links
        while read -l name
            string match -qr -- '^[a-z0-9_][a-z0-9_-]*$' $name; and set -a names $name
        end <$links
    end
    for name in $names
        complete --command $name --no-files --keep-order --arguments '(__greenroom_complete)'
    end
end
