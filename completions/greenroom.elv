# Tab for greenroom's commands in elvish. It asks greenroom itself at each Tab, so it never goes stale.
# Installed by `greenroom completions elvish --install`; by hand: as lib/greenroom.elv, with `use greenroom` in rc.elv.

use path
use str

# The word at the cursor that greenroom answered for last: whatever it said fits there.
var answered = $nil

# elvish quotes each word with `=` or `,` in it, though none of these needs it. So it is given only what stands before as the
# word, and whether that fits is told here. For all others it is told by what was set before, or by what is set now.
var before = $nil
if (has-key $edit:completion:matcher argument) { set before = $edit:completion:matcher[argument] }

fn fits {|word|
    if (eq $word $answered) {
        set answered = $nil
        each {|_| put $true }
    } elif (not-eq $before $nil) {
        $before $word
    } elif (has-key $edit:completion:matcher '') {
        $edit:completion:matcher[''] $word
    } else {
        edit:match-prefix $word
    }
}
set edit:completion:matcher[argument] = $fits~

# What is to stand behind a word: no blank where one does already.
fn behind {|space|
    try {
        if (str:has-prefix $edit:current-command[$edit:-dot..] ' ') { put '' } else { put $space }
    } catch {
        put $space
    }
}

fn complete {|@words|
    set answered = $nil
    # Somebody may have set another one since.
    var is-ours = (and (has-key $edit:completion:matcher argument) (eq $edit:completion:matcher[argument] $fits~))
    try {
        (external greenroom) __complete elvish $@words 2>&- | from-json | each {|candidate|
            var stem rest = $candidate[stem] $candidate[rest]
            if (not $is-ours) { set stem rest = $candidate[word] '' }
            var display = $candidate[word]
            if (not-eq $candidate[help] '') { set display = $display(styled '  '$candidate[help] dim) }
            edit:complex-candidate $stem &code-suffix=$rest(behind $candidate[space]) &display=$display
        }
        if $is-ours { set answered = $words[-1] }
    } catch {
        # What cannot be known is not offered.
    }
}

for name [production staging prepare development review greenroom] {
    set edit:completion:arg-completer[$name] = $complete~
}

# What `greenroom link` made, one name a line.
var data = ''
if (has-env XDG_DATA_HOME) { set data = $E:XDG_DATA_HOME }
if (not (path:is-abs $data)) { set data = $E:HOME/.local/share }
var links = $data/greenroom/links
if (path:is-regular &follow-symlink=$true $links) {
    from-lines < $links | each {|name|
        if (not-eq (str:trim-space $name) '') { set edit:completion:arg-completer[$name] = $complete~ }
    }
}
