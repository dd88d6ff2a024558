//! Small charts of bars, drawn on the server as SVG, with words for who does not see them.

/// Height of the drawing, in units of its view box.
const HEIGHT: f64 = 64.0;
/// The least height of a bar that is not nothing.
const LEAST: f64 = 1.5;

/// A bar: its place and size as attributes, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) y: String,
    pub(crate) height: String,
    pub(crate) title: String,
}

/// A chart; `chart.html` draws it.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) name: &'static str,
    /// The whole in one sentence.
    pub(crate) summary: String,
    /// The highest value.
    pub(crate) most: String,
    /// Where it begins and ends.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) bars: Vec<Bar>,
    /// Units of the view box, ten for each bar.
    pub(crate) width: usize,
    /// Whether each bar is bad news.
    pub(crate) is_of_failures: bool,
}

impl Chart {
    /// A bar for each of `points`, which are the names and values of equal spans of time, oldest first; a value may be
    /// unknown.
    pub(crate) fn new(name: &'static str, points: &[(String, Option<f64>)]) -> Self {
        let known = || points.iter().filter_map(|(at, value)| value.map(|value| (at, value)));
        let highest = known().fold(None, |most: Option<(&String, f64)>, point| match most {
            Some(most) if most.1 >= point.1 => Some(most),
            _ => Some(point),
        });
        let most = highest.map_or(0.0, |(_, value)| value);
        let bar = |(place, (at, value)): (usize, &(String, Option<f64>))| {
            let value = value.filter(|value| *value > 0.0)?;
            let height = (value / most * HEIGHT).max(LEAST);
            Some(Bar {
                x: place * 10 + 1,
                y: format!("{:.1}", HEIGHT - height),
                height: format!("{height:.1}"),
                title: format!("{at}: {value}"),
            })
        };
        let end = |point: Option<&(String, Option<f64>)>| point.map(|(at, _)| at.clone()).unwrap_or_default();
        let (from, to) = (end(points.first()), end(points.last()));
        let last = known().next_back().map_or(0.0, |(_, value)| value);
        let summary = match highest {
            Some((at, most)) if most > 0.0 => {
                format!("{name}, from {from} to {to}: {most} at most, at {at}; {last} at the end.")
            }
            _ => format!("{name}, from {from} to {to}: none."),
        };
        Self {
            name,
            summary,
            most: most.to_string(),
            from,
            to,
            bars: points.iter().enumerate().filter_map(bar).collect(),
            width: points.len() * 10,
            is_of_failures: false,
        }
    }

    /// The same of what should not have happened.
    pub(crate) fn of_failures(self) -> Self {
        Self { is_of_failures: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_where_their_values_say() {
        let points = [("a", Some(2.0)), ("b", None), ("c", Some(0.0)), ("d", Some(4.0)), ("e", Some(0.001))];
        let points = points.map(|(at, value)| (at.to_owned(), value));
        let chart = Chart::new("Things", &points);
        let bars: Vec<_> = chart
            .bars
            .iter()
            .map(|bar| (bar.x, bar.y.as_str(), bar.height.as_str(), bar.title.as_str()))
            .collect();
        assert_eq!(
            bars,
            [(1, "32.0", "32.0", "a: 2"), (31, "0.0", "64.0", "d: 4"), (41, "62.5", "1.5", "e: 0.001")]
        );
        assert_eq!(chart.summary, "Things, from a to e: 4 at most, at d; 0.001 at the end.");
        assert_eq!(chart.width, 50);
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        for points in [vec![], vec![("a".to_owned(), Some(0.0))], vec![("a".to_owned(), None)]] {
            let chart = Chart::new("Things", &points);
            assert!(chart.bars.is_empty() && chart.summary.ends_with(": none."), "{}", chart.summary);
        }
    }
}
