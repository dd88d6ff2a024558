//! Tables as CSV (RFC 4180), safe to be opened in a spreadsheet.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// A number or a boolean, as it is.
    Plain(&'a serde_json::Value),
    /// Text, which may be of anybody's making.
    Text(&'a str),
}

/// A table that is being written.
#[derive(Debug, Default)]
pub struct Csv(String);

impl Csv {
    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            match cell {
                Cell::Empty => {}
                // Writing to a string does not fail.
                Cell::Plain(value) => _ = write!(self.0, "{value}"),
                Cell::Text(text) => self.text(text),
            }
        }
        self.0.push_str("\r\n");
    }

    /// Spreadsheets take text that begins with one of a few characters for a formula, and run it: an apostrophe before it
    /// says that it is none.
    fn text(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        if !formula && !text.contains([',', '"', '\r', '\n']) && text.trim() == text {
            self.0.push_str(text);
            return;
        }
        self.0.push('"');
        if formula {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
        self.0.push('"');
    }

    /// The table.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// As an answer, to be kept under this name, which has no quotes in it.
    pub(crate) fn into_response(self, name: &str) -> Response {
        let disposition = format!("attachment; filename=\"{name}\"");
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, self.0).into_response()
    }
}

/// Whether a caller would rather have CSV than JSON (RFC 9110 section 12.5.1).
pub(crate) fn is_preferred(headers: &HeaderMap) -> bool {
    prefers(headers, "text/csv")
}

/// Whether a caller would rather have this media type than JSON.
pub(crate) fn prefers(headers: &HeaderMap, wanted: &str) -> bool {
    let (mut other, mut json) = (0, 0);
    let listed = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    for range in listed.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        if kind.eq_ignore_ascii_case(wanted) {
            other = other.max(weight);
        } else if kind.eq_ignore_ascii_case("application/json") {
            json = json.max(weight);
        }
    }
    other > 0 && other >= json
}

/// A weight from 0 to 1 in thousandths; what is none weighs nothing.
fn thousandths(text: &str) -> u16 {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    format!("{whole}{digits:0<3}").parse::<u16>().map_or(0, |weight| weight.min(1000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(cells: &[Cell<'_>]) -> String {
        let mut csv = Csv::default();
        csv.row(cells.iter().copied());
        csv.0
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let number = json!(-57.5);
        let cells = [
            Cell::Text("AT&T"),
            Cell::Empty,
            Cell::Plain(&number),
            Cell::Text("a,\"b\"\nc"),
            Cell::Text(" x"),
        ];
        assert_eq!(of(&cells), "AT&T,,-57.5,\"a,\"\"b\"\"\nc\",\" x\"\r\n");
        assert_eq!(of(&[]), "\r\n");
    }

    #[test]
    fn text_is_never_a_formula() {
        for (text, cell) in [
            ("=1+1", "\"'=1+1\"\r\n"),
            ("@SUM(A1)", "\"'@SUM(A1)\"\r\n"),
            ("-2+3", "\"'-2+3\"\r\n"),
            ("+1", "\"'+1\"\r\n"),
            ("\t=1", "\"'\t=1\"\r\n"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"\r\n"),
            ("a=1", "a=1\r\n"),
        ] {
            assert_eq!(of(&[Cell::Text(text)]), cell);
        }
    }

    #[test]
    fn whoever_asks_for_csv_gets_it() {
        let preferred = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            is_preferred(&headers)
        };
        for accept in [
            "text/csv",
            "TEXT/CSV; charset=utf-8",
            "text/csv, */*;q=0.1",
            "application/json;q=0.5, text/csv;q=0.75",
        ] {
            assert!(preferred(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "application/json",
            "text/*",
            "text/csv;q=0",
            "application/json, text/csv;q=0.9",
            "text/csv;q=x",
            "text/csv;q=2",
        ] {
            assert!(!preferred(accept), "{accept}");
        }
        assert!(!is_preferred(&HeaderMap::new()));
    }

    proptest! {
        #[test]
        fn a_row_reads_back(texts in prop::collection::vec("[a-z,\"\r\n =]{0,8}", 1..6)) {
            let row = of(&texts.iter().map(|text| Cell::Text(text)).collect::<Vec<_>>());
            let mut read = vec![String::new()];
            let (mut quoted, mut rest) = (false, row.strip_suffix("\r\n").unwrap().chars().peekable());
            while let Some(c) = rest.next() {
                match c {
                    '"' if quoted && rest.peek() == Some(&'"') => read.last_mut().unwrap().push(rest.next().unwrap()),
                    '"' => quoted = !quoted,
                    ',' if !quoted => read.push(String::new()),
                    c => read.last_mut().unwrap().push(c),
                }
            }
            let plain: Vec<_> = read.iter().map(|cell| cell.strip_prefix('\'').unwrap_or(cell)).collect();
            prop_assert_eq!(plain, texts);
        }
    }
}
