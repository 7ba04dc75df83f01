# Tab for greenroom's commands in nushell. It asks greenroom itself at each Tab, so it never goes stale.
# Installed by `greenroom completions nushell --install`; by hand: into a folder of $nu.user-autoload-dirs.

$env.config.completions.external.completer = do {
    # What completes everything else. Read a second time, this file does not wrap itself.
    let before = $env.config.completions.external.completer
    if $before != null and (view source $before | str contains "greenroom __complete") { return $before }
    {|spans|
        let program = ($spans | first)
        let home = ($env.HOME? | default ($env.USERPROFILE? | default ""))
        let data = if ($env.XDG_DATA_HOME? | is-empty) { $home | path join .local share } else { $env.XDG_DATA_HOME }
        # What `greenroom link` made, one name a line.
        let links = try { open --raw ($data | path join greenroom links) | lines } catch { [] }
        if $program in [production staging prepare development review greenroom] or $program in $links {
            try { ^greenroom __complete nushell ...$spans | complete | get stdout | from json } catch { [] }
        } else if $before != null {
            do $before $spans
        }
    }
}
