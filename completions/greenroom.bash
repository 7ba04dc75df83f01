# greenroom in bash: Tab asks `greenroom`, whose answer is what may stand at the cursor. For 3.2 and later.

_greenroom() {
    local IFS=$'\n' flags=$- line=$COMP_LINE point=$COMP_POINT answer
    COMPREPLY=()
    # A greenroom that is not there must not get as far as the handler for missing commands.
    type -P greenroom >/dev/null || return 0
    # An alias that has this completion stands for its words.
    if alias "${1-}" >/dev/null 2>&1; then
        answer=$(alias "$1")
        eval "answer=${answer#*=}"
        case $line in
            "$1 "* | "$1"$'\t'*)
                line=$answer${line#"$1"}
                point=$((point + ${#answer} - ${#1}))
                ;;
        esac
    fi
    # A greenroom that is killed would be told of by the shell itself.
    {
        answer=$(command greenroom __complete bash "$point" "${COMP_TYPE-}" "${COMP_WORDBREAKS-}" \
            "${COLUMNS-}" "$line" </dev/null) || answer=
    } 2>/dev/null
    case $answer in
        blank*) type compopt >/dev/null 2>&1 && compopt +o nospace ;;
    esac
    # One word a line, none of them a pattern.
    set -f
    # shellcheck disable=SC2206
    COMPREPLY=(${answer#*$'\n'})
    case $flags in
        *f*) ;;
        *) set +f ;;
    esac
    return 0
}

_greenroom_names() {
    local name links=${XDG_DATA_HOME:-${HOME-}/.local/share}/greenroom/links
    set -- production staging prepare development review greenroom
    if [ -r "$links" ]; then
        while IFS= read -r name || [ -n "$name" ]; do
            case $name in
                '' | *[!abcdefghijklmnopqrstuvwxyz0123456789_-]* | -*) ;;
                *) set -- "$@" "$name" ;;
            esac
        done <"$links"
    fi
    # Only bash 4.4 and later can keep the order.
    complete -o nospace -o nosort -F _greenroom "$@" 2>/dev/null || complete -o nospace -F _greenroom "$@"
}

_greenroom_names
unset -f _greenroom_names
