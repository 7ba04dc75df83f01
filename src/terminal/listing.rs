//! Tables as the Heroku CLI prints them: names that are underlined, and cells of one or more lines.

use super::columns::{columns, one_line, pad};
use super::wrap::wrap;

/// The blanks on each side of a cell.
const PADDING: usize = 1;

/// The narrowest cell, with its blanks.
const NARROWEST: usize = 3 + 2 * PADDING;

/// A table with these names above its columns. Lines in a cell are separated by line feeds. Where it is wider than
/// `room`, the widest columns are wrapped as far as needed; `None` is room enough.
pub fn listing(names: &[&str], rows: &[Vec<String>], room: Option<usize>) -> String {
    let cell = |text: &String| text.split('\n').map(one_line).collect::<Vec<_>>().join("\n");
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let widths = widths(names, &rows, room);
    let rule = "─".repeat(widths.iter().sum::<usize>() + widths.len() - 1);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut text = lines(&names, &widths);
    text.extend([" ", &rule, "\n"]);
    text.extend(rows.iter().map(|row| lines(row, &widths)));
    text
}

/// The columns' widths with their blanks.
fn widths(names: &[&str], rows: &[Vec<String>], room: Option<usize>) -> Vec<usize> {
    let widest = |text: &str| text.split('\n').map(columns).max().unwrap_or(0) + 2 * PADDING;
    let mut widths: Vec<usize> = names.iter().map(|name| widest(name)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = widest(cell).max(*width);
        }
    }
    let Some(room) = room else { return widths };
    let least: Vec<usize> = names.iter().map(|name| widest(name)).collect();
    narrow(&mut widths, room, &least);
    narrow(&mut widths, room, &vec![NARROWEST; names.len()]);
    widths
}

/// Narrows the widest columns one after the other, each no further than to its width in `least`.
fn narrow(widths: &mut [usize], room: usize, least: &[usize]) {
    let mut left: Vec<usize> = (0..widths.len()).collect();
    // The CLI counts a blank on each side of a column.
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + widths.len() + 1;
    while total(widths) > room {
        // Of several that are equally wide, the first.
        let Some(at) = (0..left.len()).rev().max_by_key(|at| widths[left[*at]]) else { return };
        let column = left.remove(at);
        let wanted = widths[column].saturating_sub(total(widths) - room);
        widths[column] = wanted.max(least[column]);
    }
}

/// A row's lines, without trailing blanks.
fn lines(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| cell_lines(cell, width - 2 * PADDING)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for at in 0..height {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let shown = cell.get(at).map_or("", String::as_str);
            // A blank stands for the border that other tables have.
            line.push_str(&" ".repeat(1 + PADDING));
            line.push_str(&pad(shown, width - PADDING));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// A cell's lines. What is one line stays as it is.
fn cell_lines(cell: &str, room: usize) -> Vec<String> {
    if columns(cell) <= room && !cell.contains('\n') { vec![cell.to_owned()] } else { wrap(cell, room) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(room: Option<usize>) -> String {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        listing(
            &["Add-on", "State"],
            &[row(["heroku-redis (redis-round-1)\n └─ as REDIS\n", "created"]), row(["語", ""])],
            room,
        )
    }

    #[test]
    fn cells_have_lines() {
        let rule = "─".repeat(40);
        let lines = [
            "  Add-on                         State",
            &format!(" {rule}"),
            "  heroku-redis (redis-round-1)   created",
            "  └─ as REDIS",
            "",
            "  語",
            "",
        ];
        assert_eq!(shown(None), lines.join("\n"));
    }

    #[test]
    fn the_widest_column_is_wrapped() {
        let rule = "─".repeat(30);
        let lines = [
            "  Add-on               State",
            &format!(" {rule}"),
            "  heroku-redis         created",
            "  (redis-round-1)",
            "  └─ as REDIS",
            "",
            "  語",
            "",
        ];
        assert_eq!(shown(Some(32)), lines.join("\n"));
        assert!(shown(Some(1)).lines().count() > 6, "{}", shown(Some(1)));
    }
}
