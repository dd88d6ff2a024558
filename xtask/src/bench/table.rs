//! The table that comes out: what was measured, beside what, and whether it reaches its goal.

use std::fmt;

/// A measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Figure {
    /// Requests, rows or hashes a second.
    PerSecond(f64),
    Milliseconds(f64),
    Mebibytes(f64),
    Bytes(f64),
}

impl Figure {
    pub(super) fn value(self) -> f64 {
        match self {
            Self::PerSecond(value)
            | Self::Milliseconds(value)
            | Self::Mebibytes(value)
            | Self::Bytes(value) => value,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PerSecond(value) => write!(f, "{}/s", digits(value)),
            Self::Milliseconds(value) => write!(f, "{} ms", digits(value)),
            Self::Mebibytes(value) => write!(f, "{} MiB", digits(value)),
            Self::Bytes(value) => write!(f, "{} B", digits(value)),
        }
    }
}

/// Three digits that count, or all of those before the point; thousands apart.
fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}

/// What a row must reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Of the baseline, at least this part.
    RatioAtLeast(f64),
    /// Of the baseline, at most this many times.
    RatioAtMost(f64),
    AtLeast(Figure),
    AtMost(Figure),
    Below(Figure),
    /// Nothing: it is measured to be seen.
    None,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtLeast(ratio) => write!(f, "ratio ≥ {ratio}"),
            Self::RatioAtMost(ratio) => write!(f, "ratio ≤ {ratio}"),
            Self::AtLeast(figure) => write!(f, "≥ {figure}"),
            Self::AtMost(figure) => write!(f, "≤ {figure}"),
            Self::Below(figure) => write!(f, "< {figure}"),
            Self::None => f.write_str("–"),
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    name: String,
    measured: Figure,
    baseline: Option<(String, Figure)>,
    goal: Goal,
}

impl Row {
    /// A figure that stands for itself.
    pub(super) fn alone(name: impl Into<String>, measured: Figure, goal: Goal) -> Self {
        Self { name: name.into(), measured, baseline: None, goal }
    }

    /// A figure beside its baseline of the same run.
    pub(super) fn beside(
        name: impl Into<String>,
        measured: Figure,
        what: impl Into<String>,
        baseline: Figure,
        goal: Goal,
    ) -> Self {
        Self { name: name.into(), measured, baseline: Some((what.into(), baseline)), goal }
    }

    fn ratio(&self) -> Option<f64> {
        self.baseline.as_ref().map(|(_, baseline)| self.measured.value() / baseline.value())
    }

    /// Whether it has to reach anything.
    pub(super) fn has_goal(&self) -> bool {
        self.goal != Goal::None
    }

    /// Whether the goal is reached. A row whose goal is a ratio, without a baseline, has not.
    pub(super) fn is_reached(&self) -> bool {
        let (value, ratio) = (self.measured.value(), self.ratio());
        match self.goal {
            Goal::RatioAtLeast(least) => ratio.is_some_and(|ratio| ratio >= least),
            Goal::RatioAtMost(most) => ratio.is_some_and(|ratio| ratio <= most),
            Goal::AtLeast(least) => value >= least.value(),
            Goal::AtMost(most) => value <= most.value(),
            Goal::Below(bound) => value < bound.value(),
            Goal::None => true,
        }
    }
}

impl fmt::Display for Row {
    /// In Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let baseline = self
            .baseline
            .as_ref()
            .map_or_else(|| "–".to_owned(), |(what, figure)| format!("{what}: {figure}"));
        let ratio = self.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        let verdict = match (self.has_goal(), self.is_reached()) {
            (false, _) => "–",
            (true, true) => "yes",
            (true, false) => "**no**",
        };
        write!(f, "| {} | {} | {baseline} | {ratio} | {} | {verdict} |", self.name, self.measured, self.goal)
    }
}

/// The whole table in Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = "| row | measured | baseline | ratio | goal | reached |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in rows {
        text.push_str(&row.to_string());
        text.push('\n');
    }
    text
}

/// The middle one; of an even number, the mean of the two in the middle; of none, not a number.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        even if even.is_multiple_of(2) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let shown = |figure: Figure| figure.to_string();
        assert_eq!(shown(Figure::PerSecond(1_234_567.8)), "1,234,568/s");
        assert_eq!(shown(Figure::PerSecond(999.4)), "999/s");
        assert_eq!(shown(Figure::Milliseconds(1.234)), "1.23 ms");
        assert_eq!(shown(Figure::Mebibytes(18.26)), "18.3 MiB");
        assert_eq!(shown(Figure::Bytes(0.0)), "0.00 B");
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 100.0]).to_bits(), 3.0_f64.to_bits());
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]).to_bits(), 3.0_f64.to_bits());
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_row_says_whether_it_reached_its_goal() {
        let ten = Figure::PerSecond(10.0);
        let of = |measured, goal| Row::beside("a", Figure::PerSecond(measured), "b", ten, goal);
        assert!(of(7.5, Goal::RatioAtLeast(0.75)).is_reached());
        assert!(!of(7.4, Goal::RatioAtLeast(0.75)).is_reached());
        assert!(of(15.0, Goal::RatioAtMost(1.5)).is_reached());
        assert!(!of(15.1, Goal::RatioAtMost(1.5)).is_reached());
        let alone = |measured, goal| Row::alone("a", Figure::Bytes(measured), goal);
        assert!(alone(300.0, Goal::AtMost(Figure::Bytes(300.0))).is_reached());
        assert!(!alone(300.0, Goal::Below(Figure::Bytes(300.0))).is_reached());
        assert!(!alone(299.0, Goal::AtLeast(Figure::Bytes(300.0))).is_reached());
        assert!(!alone(f64::NAN, Goal::Below(Figure::Bytes(300.0))).is_reached());
        assert!(!alone(1.0, Goal::RatioAtLeast(0.0)).is_reached());
    }

    #[test]
    fn the_table_is_markdown() {
        let rows = [
            Row::beside("a", Figure::PerSecond(9.0), "b", Figure::PerSecond(10.0), Goal::RatioAtLeast(0.75)),
            Row::alone("c", Figure::Mebibytes(21.0), Goal::Below(Figure::Mebibytes(20.0))),
            Row::alone("d", Figure::Bytes(5.0), Goal::None),
        ];
        assert_eq!(
            table(&rows).lines().skip(2).collect::<Vec<_>>(),
            [
                "| a | 9.00/s | b: 10.0/s | 0.90 | ratio ≥ 0.75 | yes |",
                "| c | 21.0 MiB | – | – | < 20.0 MiB | **no** |",
                "| d | 5.00 B | – | – | – | – |"
            ]
        );
    }
}
