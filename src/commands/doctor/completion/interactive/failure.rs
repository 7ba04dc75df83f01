//! A shell's messages about a failing startup file.

/// The first failure that was printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The shell's message.
    pub(super) text: String,
    /// The file and the line, if the shell names them.
    pub(super) place: Option<(String, String)>,
}

/// Messages that a shell prints only because it has no terminal, or that are no failures.
const NOISE: [&str; 6] = ["tty", "ioctl", "terminal", "job control", "warning:", "stdin"];

/// Finds the first failure in the stderr of a shell that was started as `program`.
pub(super) fn first(shell: &str, program: &str, stderr: &str) -> Option<Failure> {
    let lines: Vec<&str> = stderr.lines().collect();
    let is_noise = |line: &str| NOISE.iter().any(|noise| line.to_lowercase().contains(noise));
    (0..lines.len()).filter(|at| !is_noise(lines[*at])).find_map(|at| match shell {
        "bash" => of_bash(lines[at], program),
        "zsh" => of_zsh(lines[at], program),
        "fish" => of_fish(&lines[..=at]),
        "nushell" => of_nushell(&lines[at..]),
        _ => None,
    })
}

/// `bash: nonsense: command not found`, or `/home/me/.bashrc: line 3: syntax error`.
fn of_bash(line: &str, program: &str) -> Option<Failure> {
    let own = [program, "bash"].into_iter().find_map(|name| line.strip_prefix(name)?.strip_prefix(": "));
    let text = own.unwrap_or(line);
    let place = text.split_once(": line ").and_then(|(file, rest)| Some((file, rest.split_once(':')?.0)));
    let place = place.filter(|(_, number)| is_number(number));
    (own.is_some() || place.is_some()).then(|| Failure::new(text, place))
}

/// `/home/me/.zshrc:3: command not found: nonsense`; what it runs for us is `zsh:1:`.
fn of_zsh(line: &str, program: &str) -> Option<Failure> {
    let (place, _) = line.split_once(": ")?;
    let (file, number) = place.rsplit_once(':')?;
    let is_ours = file == "zsh" || file == program;
    let known = (file.strip_suffix(":source").or(file.strip_suffix(":.")).unwrap_or(file), number);
    (is_number(number) && !is_ours)
        .then(|| Failure::new(line, Some(known).filter(|(file, _)| file.starts_with('/'))))
}

/// `~/.config/fish/config.fish (line 3):`, behind or before what is wrong there.
fn of_fish(lines: &[&str]) -> Option<Failure> {
    let (last, before) = lines.split_last()?;
    let (file, rest) = last.split_once(" (line ")?;
    let (number, said) = rest.split_once("):")?;
    let said = if said.trim().is_empty() { before.last().copied().unwrap_or_default() } else { said };
    is_number(number).then(|| Failure::new(said.trim(), Some((file, number))))
}

/// `Error: …`, below it in words what is wrong, and the place as `[/home/me/config.nu:3:1]`.
fn of_nushell(lines: &[&str]) -> Option<Failure> {
    let code = lines.first()?.strip_prefix("Error: ")?;
    let said = lines
        .iter()
        .skip(1)
        .map(|line| line.trim().trim_start_matches(['x', '×', ' ']))
        .find(|line| !line.is_empty());
    let place = lines.iter().take(5).find_map(|line| {
        let mut parts = line.split_once('[')?.1.split_once(']')?.0.rsplitn(3, ':').skip(1);
        let (number, file) = (parts.next()?, parts.next()?);
        is_number(number).then_some((file, number))
    });
    Some(Failure::new(said.unwrap_or(code), place))
}

/// The path that a shell shortened.
fn whole(file: &str) -> String {
    let home = || Some(etcetera::home_dir().ok()?.join(file.strip_prefix("~/")?).display().to_string());
    home().unwrap_or_else(|| file.to_owned())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Failure {
    fn new(text: &str, place: Option<(&str, &str)>) -> Self {
        Self { text: text.to_owned(), place: place.map(|(file, line)| (whole(file), line.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shell: &str, stderr: &str) -> Option<(String, String)> {
        let failure = first(shell, &format!("/bin/{shell}"), stderr)?;
        let place = failure.place.map(|(file, line)| format!("{file}:{line}"));
        Some((failure.text, place.unwrap_or_default()))
    }

    #[test]
    fn the_first_failure_is_found_for_each_shell() {
        for (shell, stderr, text, place) in [
            (
                "bash",
                "/bin/bash: no job control in this shell\n/bin/bash: x: command not found\n",
                "x: command not found",
                "",
            ),
            (
                "bash",
                "bash: /h/.bashrc: line 3: syntax error\n",
                "/h/.bashrc: line 3: syntax error",
                "/h/.bashrc:3",
            ),
            (
                "zsh",
                "zsh:1: ours\n/h/.zshrc:5: parse error near `fi'\n",
                "/h/.zshrc:5: parse error near `fi'",
                "/h/.zshrc:5",
            ),
            ("zsh", "/h/.zshrc:source:2: no such file\n", "/h/.zshrc:source:2: no such file", "/h/.zshrc:2"),
            (
                "fish",
                "fish: Unknown command: x\n/h/config.fish (line 1): \nx\n",
                "fish: Unknown command: x",
                "/h/config.fish:1",
            ),
            ("fish", "/h/config.fish (line 2): Missing end\n", "Missing end", "/h/config.fish:2"),
            (
                "nushell",
                "Error: nu::x\n\n  x File not found\n   ,-[/h/config.nu:2:8]\n",
                "File not found",
                "/h/config.nu:2",
            ),
        ] {
            assert_eq!(told(shell, stderr), Some((text.to_owned(), place.to_owned())), "{stderr}");
        }
    }

    #[test]
    fn messages_about_the_missing_terminal_are_ignored() {
        for (shell, stderr) in [
            ("bash", "bash: cannot set terminal process group (-1): Inappropriate ioctl for device\n"),
            ("bash", "stty: 'standard input': Inappropriate ioctl for device\nwelcome: to this machine\n"),
            ("zsh", "/h/.zshrc:3: can't open /dev/tty\nzsh:1: ours\n"),
            ("fish", "hello (line up):\n"),
            ("nushell", "a warning\n"),
            ("powershell", "x\n"),
        ] {
            assert_eq!(told(shell, stderr), None, "{stderr}");
        }
    }
}
