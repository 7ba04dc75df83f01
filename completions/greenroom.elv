# Tab for greenroom's commands in elvish. It asks greenroom itself at each Tab, so it never goes stale.
# Installed by `greenroom completions elvish --install`; by hand: as lib/greenroom.elv, with `use greenroom` in rc.elv.

use path
use str

fn complete {|@words|
    try {
        (external greenroom) __complete elvish $@words 2>&- | from-json | each {|candidate|
            var word help = $candidate[word] $candidate[help]
            if (eq $help '') {
                edit:complex-candidate $word &code-suffix=$candidate[space]
            } else {
                edit:complex-candidate $word &code-suffix=$candidate[space] &display=$word(styled '  '$help dim)
            }
        }
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
