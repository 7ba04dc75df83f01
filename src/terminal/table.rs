//! Columns that are aligned.

use super::columns::{columns, one_line, pad};

/// Each row on its line, its cells in columns that are `gap` apart. A cell is one line of its own and made harmless,
/// whatever is in it.
pub fn aligned(rows: &[Vec<String>], gap: usize) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; most];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| pad(cell, width + gap));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows: Vec<Vec<String>> =
            vec![row(&["ä", "12345", "x"]), row(&["語語", "1"]), row(&["", "", "y"])];
        assert_eq!(aligned(&rows, 2), "ä     12345  x\n語語  1\n             y\n");
        assert_eq!(aligned(&[], 2), "");
    }

    #[test]
    fn a_cell_is_one_line_of_any_length() {
        let rows = [
            vec!["a".repeat(100_000), "ada@\nhint: rm -r /".to_owned()],
            vec!["b".to_owned(), "c".to_owned()],
        ];
        let text = aligned(&rows, 2);
        assert_eq!(text.lines().count(), 2);
        assert!(text.len() < 3000 && text.contains("ada@ hint: rm"), "{text}");
    }

    proptest! {
        #[test]
        fn any_cells_are_aligned(rows in vec(vec(any::<String>(), 3), 1..5)) {
            let marked: Vec<Vec<String>> =
                rows.iter().map(|row| [&row[..], &["|".to_owned()]].concat()).collect();
            let text = aligned(&marked, 1);
            prop_assert_eq!(text.lines().count(), rows.len());
            let ends: Vec<usize> = text.lines().map(columns).collect();
            prop_assert!(ends.iter().all(|end| *end == ends[0]), "{text}");
        }
    }
}
