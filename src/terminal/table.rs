//! Tables: cells of one line each, in columns that are aligned and fit the terminal.

use std::fmt::Write as _;

use anstyle::Style;

use super::columns::{columns, cut, one_line};

/// A cell of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Never cut.
    lead: String,
    text: String,
    style: Style,
    /// Never cut.
    tail: String,
    tail_style: Style,
    /// A shorter form of the cell.
    short: Option<String>,
}

impl Cell {
    /// This text, harmless and on one line, whatever it was.
    pub fn new(text: &str) -> Self {
        Self { text: one_line(text), ..Self::default() }
    }

    /// The same in this style.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// The same with something before it that stays when the cell is cut.
    #[must_use]
    pub fn with_lead(self, lead: &str) -> Self {
        Self { lead: one_line(lead), ..self }
    }

    /// The same with something behind it that stays when the cell is cut.
    #[must_use]
    pub fn with_tail(self, tail: &str, tail_style: Style) -> Self {
        Self { tail: one_line(tail), tail_style, ..self }
    }

    /// The same with a short form of what can be cut, where there is one.
    #[must_use]
    pub fn or_short(self, short: Option<&str>) -> Self {
        Self { short: short.map(one_line), ..self }
    }

    fn columns(&self) -> usize {
        columns(&self.text) + self.uncut()
    }

    /// The columns that are kept when it is cut.
    fn uncut(&self) -> usize {
        columns(&self.lead) + columns(&self.tail)
    }

    fn write(&self, out: &mut String) {
        let parts = [(&self.lead, self.style), (&self.text, self.style), (&self.tail, self.tail_style)];
        for (text, style) in parts {
            if !text.is_empty() {
                _ = write!(out, "{style}{text}{style:#}");
            }
        }
    }
}

/// One step to make a table narrower; columns are counted from 0.
#[derive(Clone, Copy, Debug)]
pub enum Narrower {
    /// Drops the column.
    Drop(usize),
    /// Cuts the column as far as needed, but not below this width.
    Cut(usize, usize),
    /// Takes the short form of each cell of the column.
    Shorten(usize),
}

/// Rows of cells.
#[derive(Clone, Debug)]
pub struct Table {
    gap: usize,
    head: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with `gap` columns between cells.
    pub fn new(gap: usize, rows: Vec<Vec<Cell>>) -> Self {
        Self { gap, head: Vec::new(), rows }
    }

    /// The same with a name above each column.
    #[must_use]
    pub fn with_head(self, names: &[&str], style: Style) -> Self {
        Self { head: names.iter().map(|name| Cell::new(name).styled(style)).collect(), ..self }
    }

    /// Applies as many of these steps as it takes until the table fits, from the first on.
    pub fn fit(&mut self, room: usize, steps: &[Narrower]) {
        let whole = self.clone();
        for count in 0..=steps.len() {
            self.clone_from(&whole);
            // Cuts come last: they take no more than the other steps leave to take.
            let (cuts, others): (Vec<&Narrower>, Vec<&Narrower>) =
                steps[..count].iter().partition(|step| matches!(step, Narrower::Cut(..)));
            others.into_iter().chain(cuts).for_each(|step| self.narrow(room, *step));
            if self.width() <= room {
                return;
            }
        }
    }

    fn narrow(&mut self, room: usize, step: Narrower) {
        match step {
            Narrower::Drop(column) => self.cells(column).for_each(|cell| *cell = Cell::default()),
            Narrower::Shorten(column) => self.cells(column).for_each(|cell| {
                cell.text = cell.short.take().unwrap_or_else(|| std::mem::take(&mut cell.text));
            }),
            Narrower::Cut(column, least) => {
                let excess = self.width().saturating_sub(room);
                let width = self.widths().get(column).copied().unwrap_or(0);
                let left = width.saturating_sub(excess).max(least);
                for cell in self.cells(column) {
                    cell.text = cut(&cell.text, left.saturating_sub(cell.uncut()));
                }
            }
        }
    }

    /// The width of its widest line.
    pub fn width(&self) -> usize {
        let widths = self.widths();
        let shown = widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + self.gap).sum::<usize>().saturating_sub(self.gap)
    }

    fn cells(&mut self, column: usize) -> impl Iterator<Item = &mut Cell> {
        let lines = std::iter::once(&mut self.head).chain(&mut self.rows);
        lines.filter_map(move |row| row.get_mut(column))
    }

    /// The columns' widths. A column with only a heading is left out.
    fn widths(&self) -> Vec<usize> {
        let most = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; most];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.columns().max(*width);
            }
        }
        for (width, name) in widths.iter_mut().zip(&self.head).filter(|(width, _)| **width > 0) {
            *width = name.columns().max(*width);
        }
        widths
    }

    /// One row per line, without trailing blanks.
    pub fn text(&self) -> String {
        let widths = self.widths();
        let head = (!self.head.is_empty()).then_some(&self.head);
        let mut text = String::new();
        for row in head.into_iter().chain(&self.rows) {
            let mut blanks = 0;
            for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                let taken = cell.columns();
                if taken > 0 {
                    text.extend(std::iter::repeat_n(' ', blanks));
                    cell.write(&mut text);
                    blanks = 0;
                }
                blanks += width - taken + self.gap;
            }
            text.push('\n');
        }
        text
    }
}

/// One row per line, with `gap` columns between cells.
pub fn aligned(rows: &[Vec<String>], gap: usize) -> String {
    let cells = |row: &Vec<String>| row.iter().map(|cell| Cell::new(cell)).collect();
    Table::new(gap, rows.iter().map(cells).collect()).text()
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        Table::new(2, rows.iter().map(|row| row.iter().map(|cell| Cell::new(cell)).collect()).collect())
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = table(&[&["ä", "12345", "x"], &["語語", "1"], &["", "", "y"]]).text();
        assert_eq!(text, "ä     12345  x\n語語  1\n             y\n");
        assert_eq!(table(&[]).text(), "");
        assert_eq!(
            table(&[&["a", "", "b"], &["", "", "c"]]).text(),
            "a  b\n   c\n",
            "an empty column is none"
        );
    }

    #[test]
    fn columns_have_names() {
        let named = table(&[&["v1", "", "x"]]).with_head(&["RELEASE", "NONE", "BY"], Style::new());
        assert_eq!(named.text(), "RELEASE  BY\nv1       x\n");
    }

    #[test]
    fn a_cell_is_one_line_of_any_length() {
        let long = "a".repeat(100_000);
        let text = table(&[&[&long, "ada@\nhint: rm -r /"], &["b", "c"]]).text();
        assert_eq!(text.lines().count(), 2);
        assert!(text.len() < 3000 && text.contains("ada@ hint: rm"), "{text}");
    }

    #[test]
    fn what_matters_least_goes_first() {
        let rows = || {
            let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
            let health = Cell::new("web 2/2 up, worker 1/1 up").or_short(Some("3/3 up"));
            let title = Cell::new("the house lights").with_lead("Dim ").with_tail(" failed", red);
            vec![vec![Cell::new("v1"), title, Cell::new("3 h ago"), health]]
        };
        let fitted = |room| {
            let mut table = Table::new(2, rows());
            let ways = [Narrower::Drop(2), Narrower::Cut(1, 20), Narrower::Shorten(3), Narrower::Cut(1, 14)];
            table.fit(room, &ways);
            anstream::adapter::strip_str(&table.text()).to_string()
        };
        assert_eq!(fitted(80), "v1  Dim the house lights failed  3 h ago  web 2/2 up, worker 1/1 up\n");
        assert_eq!(fitted(66), "v1  Dim the house lights failed  web 2/2 up, worker 1/1 up\n");
        assert_eq!(fitted(55), "v1  Dim the house li… failed  web 2/2 up, worker 1/1 up\n");
        assert_eq!(fitted(50), "v1  Dim the house lights failed  3/3 up\n", "the short form makes room");
        assert_eq!(fitted(36), "v1  Dim the house li… failed  3/3 up\n");
        assert_eq!(fitted(30), "v1  Dim the ho… failed  3/3 up\n");
        assert_eq!(fitted(9), "v1  Dim th… failed  3/3 up\n", "no more can be done");
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

        #[test]
        fn any_table_has_room_where_it_can(rows in vec(vec(any::<String>(), 3), 1..5), room in 10_usize..80) {
            let cells = |row: &Vec<String>| row.iter().map(|cell| Cell::new(cell)).collect();
            let mut table = Table::new(2, rows.iter().map(cells).collect());
            table.fit(room, &[Narrower::Drop(1), Narrower::Cut(0, 4), Narrower::Cut(2, 4)]);
            prop_assert!(table.text().lines().all(|line| columns(line) <= room), "{}", table.text());
        }
    }
}
