//! The README's picture: a terminal in the rehearsal, drawn as SVG from what the commands print there.

use std::env;
use std::fmt::Write;
use std::fs;

use vt100::{Cell, Color, Screen};

use crate::pty::Pty;
use crate::scene::Scene;

/// The width of the terminal in columns; GitHub shows a picture of this width without shrinking it.
const COLUMNS: u16 = 100;

/// What is typed in the terminal, and what at the question that the command asks.
const SESSION: [(&str, Option<&str>); 3] =
    [("staging which", None), ("production status", None), ("production promote", Some("y\r"))];

/// The size of a cell, and of what surrounds the text, in pixels.
const CELL: (f64, f64) = (8.4, 19.0);
const PADDING: f64 = 18.0;
const TITLE_BAR: f64 = 34.0;

/// The largest picture that a README should load, in bytes.
const LARGEST: usize = 60_000;

/// The colors of a picture: what is around the text, and the terminal's sixteen.
struct Theme {
    file: &'static str,
    background: &'static str,
    border: &'static str,
    text: &'static str,
    prompt: &'static str,
    palette: [&'static str; 16],
}

const THEMES: [Theme; 2] = [
    Theme {
        file: "docs/picture-light.svg",
        background: "#ffffff",
        border: "#d1d9e0",
        text: "#1f2328",
        prompt: "#818b98",
        palette: [
            "#24292f", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#6e7781", //
            "#57606a", "#a40e26", "#1a7f37", "#9a6700", "#218bff", "#a475f9", "#3192aa", "#8c959f",
        ],
    },
    Theme {
        file: "docs/picture-dark.svg",
        background: "#0d1117",
        border: "#3d444d",
        text: "#e6edf3",
        prompt: "#9198a1",
        palette: [
            "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4", //
            "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
        ],
    },
];

#[test]
fn the_picture_shows_what_the_commands_print() {
    let session = record();
    for theme in &THEMES {
        let picture = draw(&session, theme);
        assert!(picture.len() < LARGEST, "{} has {} bytes", theme.file, picture.len());
        if env::var_os("GREENROOM_UPDATE_DOCS").is_some() {
            fs::write(super::root().join(theme.file), &picture).expect("a picture");
        }
        let differs = super::read(theme.file)
            .lines()
            .zip(picture.lines())
            .find(|(old, new)| old != new)
            .map(|(old, new)| format!("{old}\n{new}"));
        assert!(
            super::read(theme.file) == picture,
            "{} does not show what the commands print: {differs:#?}\nGREENROOM_UPDATE_DOCS=1 cargo test --test suite readme",
            theme.file
        );
    }
}

/// A row of the terminal: runs of characters in one style.
type Row = Vec<Run>;

/// Characters in one style, at a column of their row.
#[derive(PartialEq)]
struct Run {
    column: u16,
    width: u16,
    text: String,
    style: Style,
}

#[derive(Clone, Copy, PartialEq)]
struct Style {
    color: Paint,
    bold: bool,
    dim: bool,
    underline: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Paint {
    Prompt,
    Terminal(Color),
}

/// Runs the session's commands, each in the terminal that the one before left behind.
fn record() -> Vec<Row> {
    let scene = Scene::quiet();
    let mut rows = Vec::new();
    for (index, (line, answer)) in SESSION.iter().enumerate() {
        if index > 0 {
            rows.push(Row::new());
        }
        rows.push(typed(line));
        let mut words = line.split(' ');
        let mut command = scene.prepared(words.next().expect("a program"));
        command.args(words);
        let mut pty = Pty::with_columns(&command, COLUMNS);
        if let Some(answer) = answer {
            pty.sees("[y/N]", 1).types(answer);
        }
        let shown = pty.ends(0);
        rows.extend(rows_of(shown.terminal().screen()));
    }
    rows
}

/// The prompt, and a command behind it.
fn typed(line: &str) -> Row {
    let plain = Style { color: Paint::Prompt, bold: false, dim: false, underline: false };
    let command = Style { color: Paint::Terminal(Color::Default), bold: true, ..plain };
    let width = u16::try_from(line.len()).expect("a short line");
    vec![
        Run { column: 0, width: 1, text: "$".to_owned(), style: plain },
        Run { column: 2, width, text: line.to_owned(), style: command },
    ]
}

/// The rows of a screen down to the last one that is not blank.
fn rows_of(screen: &Screen) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..screen.size().0.get()).map(|row| row_of(screen, row)).collect();
    while rows.pop_if(|row| row.is_empty()).is_some() {}
    rows
}

fn row_of(screen: &Screen, row: u16) -> Row {
    let mut runs: Row = Vec::new();
    // A wide gap begins a new run: SVG would shrink it to one blank.
    let mut blanks = 0;
    for column in 0..screen.size().1.get() {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let text = cell.contents().trim();
        if text.is_empty() {
            blanks += 1;
            continue;
        }
        let (style, width) = (style_of(cell), if cell.is_wide() { 2 } else { 1 });
        match runs.last_mut().filter(|run| run.style == style && blanks < 2) {
            Some(run) => {
                run.text.extend((0..blanks).map(|_| ' '));
                run.text.push_str(text);
                run.width += blanks + width;
            }
            None => runs.push(Run { column, width, text: text.to_owned(), style }),
        }
        blanks = 0;
    }
    runs
}

fn style_of(cell: &Cell) -> Style {
    Style {
        color: Paint::Terminal(cell.fgcolor()),
        bold: cell.bold(),
        dim: cell.dim(),
        underline: cell.underline(),
    }
}

/// The rows as an SVG that needs nothing but itself.
fn draw(rows: &[Row], theme: &Theme) -> String {
    let width = f64::from(COLUMNS) * CELL.0 + 2.0 * PADDING;
    let count = u16::try_from(rows.len()).expect("a screen");
    let height = f64::from(count) * CELL.1 + TITLE_BAR + PADDING;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height}\" width=\"{width:.1}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">greenroom in a terminal: {}</title>\n\
         <desc id=\"description\">{}</desc>\n\
         <rect x=\".5\" y=\".5\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>\n",
        SESSION.map(|(line, _)| line).join(", "),
        escaped(&plain(rows)),
        width - 1.0,
        height - 1.0,
        theme.background,
        theme.border,
    );
    for x in [20, 38, 56] {
        writeln!(svg, "<circle cx=\"{x}\" cy=\"19\" r=\"5.5\" fill=\"{}\"/>", theme.border).expect("text");
    }
    writeln!(
        svg,
        "<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\" fill=\"{}\">",
        theme.text
    )
    .expect("text");
    for (row, index) in rows.iter().zip(0_u16..) {
        let baseline = TITLE_BAR + f64::from(index) * CELL.1 + 14.0;
        for run in row {
            svg += &element(run, baseline, theme);
        }
    }
    svg + "</g>\n</svg>\n"
}

/// One run of text. Its length is given, so that columns align in whatever font the reader has.
fn element(run: &Run, baseline: f64, theme: &Theme) -> String {
    let x = PADDING + f64::from(run.column) * CELL.0;
    let length = f64::from(run.width) * CELL.0;
    let mut attributes = vec![format!("x=\"{x:.1}\" y=\"{baseline}\" textLength=\"{length:.1}\"")];
    let fill = match run.style.color {
        Paint::Prompt => Some(theme.prompt.to_owned()),
        Paint::Terminal(Color::Default) => None,
        Paint::Terminal(Color::Idx(index)) => Some(indexed(index, theme)),
        Paint::Terminal(Color::Rgb(red, green, blue)) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    };
    attributes.extend(fill.map(|fill| format!("fill=\"{fill}\"")));
    let styles = [
        (run.style.bold, "font-weight=\"bold\""),
        (run.style.dim, "opacity=\".65\""),
        (run.style.underline, "text-decoration=\"underline\""),
    ];
    attributes
        .extend(styles.iter().filter(|(is_set, _)| *is_set).map(|(_, attribute)| (*attribute).to_owned()));
    format!("<text {}>{}</text>\n", attributes.join(" "), escaped(&run.text))
}

/// A color of the terminal's 256: the theme's sixteen, the cube, the grays.
fn indexed(index: u8, theme: &Theme) -> String {
    if let Some(color) = theme.palette.get(usize::from(index)) {
        return (*color).to_owned();
    }
    if index >= 232 {
        let gray = 8 + 10 * (index - 232);
        return format!("#{gray:02x}{gray:02x}{gray:02x}");
    }
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    let (red, green, blue) = ((index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6);
    format!("#{:02x}{:02x}{:02x}", level(red), level(green), level(blue))
}

/// The text alone, for whoever cannot see the picture.
fn plain(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut column = 0;
        for run in row {
            text.extend((column..run.column).map(|_| ' '));
            text += &run.text;
            column = run.column + run.width;
        }
        text.push('\n');
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
