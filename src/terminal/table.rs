//! Columns that are aligned, and texts that are cut.

/// Each row on its line, its cells in columns that are `gap` apart.
pub fn aligned(rows: &[Vec<String>], gap: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column) + gap).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

/// `text`, or as much of it as has room in `width` columns, with an ellipsis.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows: Vec<Vec<String>> = vec![row(&["ä", "12345", "x"]), row(&["bcd", "1"]), row(&["", "", "y"])];
        assert_eq!(aligned(&rows, 2), "ä    12345  x\nbcd  1\n            y\n");
        assert_eq!(aligned(&[], 2), "");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("Dim the lights", 14), "Dim the lights");
        assert_eq!(cut("Dim the lights", 9), "Dim the…");
        assert_eq!(cut("Dim", 0), "…");
    }
}
