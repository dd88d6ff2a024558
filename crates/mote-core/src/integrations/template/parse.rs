//! Reading templates.

use super::{Node, Path, Template};

/// Sections in one another at most.
const DEEPEST: usize = 16;

/// What is wrong with a template; the places are characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    #[error("the tag at character {0} is not closed")]
    OpenTag(usize),
    #[error("the section at character {0} is not closed")]
    OpenSection(usize),
    #[error("the tag at character {0} closes a section that is not open")]
    NotOpen(usize),
    #[error("the tag at character {0} closes another section than the last one opened")]
    Crossed(usize),
    #[error("the tag at character {0} has no name")]
    NoName(usize),
    #[error("the tag at character {0} asks for another template, of which there is none here")]
    Partial(usize),
    #[error("the tag at character {0} does not name two delimiters")]
    Delimiters(usize),
    #[error("sections stand in one another {DEEPEST} deep at most")]
    TooDeep,
}

/// A section that waits for its end.
struct Open {
    node: usize,
    path: Path,
    at: usize,
}

struct Parser<'a> {
    source: &'a str,
    /// How far it is read.
    at: usize,
    delimiters: (String, String),
    nodes: Vec<Node>,
    open: Vec<Open>,
}

/// A tag as it stands there.
struct Tag<'a> {
    start: usize,
    end: usize,
    /// What it is by its first character; a space for a plain variable.
    kind: char,
    content: &'a str,
}

impl Template {
    /// Reads a template.
    pub(crate) fn parse(source: &str) -> Result<Self, TemplateError> {
        let delimiters = ("{{".to_owned(), "}}".to_owned());
        let mut parser = Parser { source, at: 0, delimiters, nodes: Vec::new(), open: Vec::new() };
        while let Some(tag) = parser.next_tag()? {
            parser.take(&tag)?;
        }
        parser.text(parser.source.len());
        match parser.open.last() {
            Some(open) => Err(TemplateError::OpenSection(parser.character(open.at))),
            None => Ok(Self { nodes: parser.nodes }),
        }
    }
}

impl<'a> Parser<'a> {
    /// The next tag from here on.
    fn next_tag(&self) -> Result<Option<Tag<'a>>, TemplateError> {
        let (open, close) = &self.delimiters;
        let Some(start) = self.source[self.at..].find(open.as_str()).map(|found| self.at + found) else {
            return Ok(None);
        };
        let inner = start + open.len();
        let unclosed = || TemplateError::OpenTag(self.character(start));
        let first = self.source[inner..].chars().next().ok_or_else(unclosed)?;
        let (kind, inner, close) = match first {
            '{' if open == "{{" => ('&', inner + 1, "}}}"),
            '#' | '^' | '/' | '&' | '!' | '>' => (first, inner + 1, close.as_str()),
            '=' => ('=', inner + 1, close.as_str()),
            _ => (' ', inner, close.as_str()),
        };
        let length = self.source[inner..].find(close).ok_or_else(unclosed)?;
        let content = self.source[inner..inner + length].trim();
        Ok(Some(Tag { start, end: inner + length + close.len(), kind, content }))
    }

    /// Takes a tag and the text before it.
    fn take(&mut self, tag: &Tag<'a>) -> Result<(), TemplateError> {
        // A tag that makes no text, alone on its line, takes the whole line with it.
        let (start, end) = match tag.kind {
            '&' | ' ' => (tag.start, tag.end),
            _ => self.whole_line(tag).unwrap_or((tag.start, tag.end)),
        };
        self.text(start);
        self.at = end;
        let place = self.character(tag.start);
        match tag.kind {
            '!' => {}
            '>' => return Err(TemplateError::Partial(place)),
            '=' => self.delimiters = delimiters(tag.content).ok_or(TemplateError::Delimiters(place))?,
            '/' => self.close(&path(tag.content, place)?, place)?,
            '#' | '^' => {
                if self.open.len() == DEEPEST {
                    return Err(TemplateError::TooDeep);
                }
                let path = path(tag.content, place)?;
                self.open.push(Open { node: self.nodes.len(), path: path.clone(), at: tag.start });
                self.nodes.push(Node::Section { path, inverted: tag.kind == '^', length: 0 });
            }
            kind => {
                let path = path(tag.content, place)?;
                self.nodes.push(Node::Variable { path, escaped: kind == ' ' });
            }
        }
        Ok(())
    }

    fn close(&mut self, path: &Path, place: usize) -> Result<(), TemplateError> {
        let open = self.open.pop().ok_or(TemplateError::NotOpen(place))?;
        if open.path != *path {
            return Err(TemplateError::Crossed(place));
        }
        let within = self.nodes.len() - open.node - 1;
        if let Some(Node::Section { length, .. }) = self.nodes.get_mut(open.node) {
            *length = within;
        }
        Ok(())
    }

    /// Takes the text up to a place.
    fn text(&mut self, until: usize) {
        if let Some(text) = self.source.get(self.at..until).filter(|text| !text.is_empty()) {
            self.nodes.push(Node::Text(text.to_owned()));
        }
        self.at = until.max(self.at);
    }

    /// The line of a tag that nothing but blanks stands beside.
    fn whole_line(&self, tag: &Tag<'_>) -> Option<(usize, usize)> {
        let blank = |text: &str| text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        let start = self.source[..tag.start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.source[tag.end..];
        let end = rest.find('\n').map_or(self.source.len(), |at| tag.end + at + 1);
        let alone = start >= self.at
            && blank(&self.source[start..tag.start])
            && blank(self.source[tag.end..end].trim_end_matches('\n'))
            // A template of one tag and nothing else is no line.
            && (start, end) != (tag.start, tag.end);
        alone.then_some((start, end))
    }

    /// The place as people count: characters, from 1.
    fn character(&self, at: usize) -> usize {
        self.source[..at].chars().count() + 1
    }
}

fn path(name: &str, place: usize) -> Result<Path, TemplateError> {
    if name == "." {
        return Ok(Path(Vec::new()));
    }
    let names: Vec<String> = name.split('.').map(|part| part.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) { Err(TemplateError::NoName(place)) } else { Ok(Path(names)) }
}

/// `<% %>` of `{{=<% %>=}}`.
fn delimiters(content: &str) -> Option<(String, String)> {
    let mut words = content.strip_suffix('=')?.split_whitespace();
    let (open, close) = (words.next()?, words.next()?);
    let fits = words.next().is_none() && !open.contains('=') && !close.contains('=');
    fits.then(|| (open.to_owned(), close.to_owned()))
}
