//! The parts of git's wire format that a push needs (gitprotocol-pack, gitprotocol-common): pkt-lines, the ref updates
//! of a push, and side band 2 for messages (`remote: …`).

/// One ref update of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) new: String,
    pub(crate) reference: String,
}

impl Command {
    /// Whether it deletes the ref.
    pub(crate) fn deletes(&self) -> bool {
        self.new.bytes().all(|digit| digit == b'0')
    }
}

/// The ref updates at the head of a push, and whether the client supports side bands.
pub(crate) fn commands(mut push: &[u8]) -> (Vec<Command>, bool) {
    let (mut commands, mut bands) = (Vec::new(), false);
    while let Some((line, rest)) = packet(push) {
        push = rest;
        let line = String::from_utf8_lossy(line);
        let (command, capabilities) = line.split_once('\0').unwrap_or((&line, ""));
        bands |= capabilities.split_whitespace().any(|word| word == "side-band-64k");
        let mut words = command.trim_end().splitn(3, ' ');
        if let (Some(_), Some(new), Some(reference)) = (words.next(), words.next(), words.next()) {
            commands.push(Command { new: new.to_owned(), reference: reference.to_owned() });
        }
    }
    (commands, bands)
}

/// The first packet and what follows; `None` at a flush or when there is no whole packet.
fn packet(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from_str_radix(str::from_utf8(bytes.get(..4)?).ok()?, 16).ok()?;
    (length > 4).then(|| Some((bytes.get(4..length)?, bytes.get(length..)?)))?
}

/// A message that git prints as `remote: line`.
pub(crate) fn say(line: &str) -> Vec<u8> {
    band(2, format!("{line}\n").as_bytes())
}

/// The report that the pack was read and every ref rejected.
pub(crate) fn refuse(commands: &[Command], reason: &str) -> Vec<u8> {
    let mut report = pkt(b"unpack ok\n");
    for command in commands {
        report.extend(pkt(format!("ng {} {reason}\n", command.reference).as_bytes()));
    }
    report.extend(b"0000");
    let mut bytes = band(1, &report);
    bytes.extend(b"0000");
    bytes
}

fn band(number: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number];
    bytes.extend(data);
    pkt(&bytes)
}

fn pkt(data: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{:04x}", data.len() + 4).into_bytes();
    bytes.extend(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_updates_are_read_from_a_push() {
        let (old, new) = ("0".repeat(40), "a".repeat(40));
        let mut push = pkt(format!("{old} {new} refs/heads/main\0 report-status side-band-64k\n").as_bytes());
        push.extend(pkt(format!("{new} {old} refs/heads/old").as_bytes()));
        push.extend(b"0000PACK\0\0\0\x02");
        let (commands, bands) = commands(&push);
        assert!(bands);
        assert_eq!(commands[0], Command { new, reference: "refs/heads/main".to_owned() });
        assert!(commands[1].deletes() && commands[1].reference == "refs/heads/old");
        assert_eq!(super::commands(b"0000"), (vec![], false));
        assert_eq!(super::commands(b"00f0short"), (vec![], false));
    }

    #[test]
    fn progress_is_sent_on_band_2() {
        assert_eq!(say("hi"), b"0008\x02hi\n");
    }
}
