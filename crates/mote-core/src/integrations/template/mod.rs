//! Mustache templates (mustache(5)): what users write into the settings of an integration.
//!
//! Of an engine's own, since the templates come from strangers: parsed once, bounded in depth, steps and output, without
//! partials, which would read files, and with a say on every mistake. The crates there are do not give all of that
//! (`ARCHITECTURE.md` has the comparison).

mod parse;
mod render;

pub(crate) use parse::TemplateError;
pub(crate) use render::{Budget, Scope, TooMuch, text_of};

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    nodes: Vec<Node>,
}

/// A piece of a template. What is in a section stands behind it.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Goes out as it is.
    Text(String),
    /// A value.
    Variable {
        /// Its name.
        path: Path,
        /// Whether it is escaped for HTML.
        escaped: bool,
    },
    /// A part for each element of a list, or where there is something.
    Section {
        /// Of what.
        path: Path,
        /// The other way round: where there is nothing.
        inverted: bool,
        /// How many of the nodes behind it are in it.
        length: usize,
    },
}

/// A name with dots: `a.b.0`. Empty for `.`, which is the innermost thing itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Path(Vec<String>);

impl Template {
    /// The text itself, where there is nothing to fill in.
    pub(crate) fn as_plain(&self) -> Option<&str> {
        match self.nodes.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// Reads a template and fills it in: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(source: &str, data: &serde_json::Value) {
    if let Ok(template) = Template::parse(source) {
        let filled = template.render(&Scope::new(data), &mut Budget::default());
        assert!(filled.map_or(0, |text| text.len()) <= render::MOST_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn render(template: &str, data: &Value) -> String {
        Template::parse(template).unwrap().render(&Scope::new(data), &mut Budget::default()).unwrap()
    }

    /// The examples of the vendor's reference (Webhook reference, "Variable substitution").
    #[test]
    fn the_documented_examples_hold() {
        let data = json!({
            "a": {"aa": "testing", "ab": 1234}, "b": "xxx",
            "c": [{"ca": "first", "cb": 123}, {"ca": "second", "cb": 456}]
        });
        for (template, result) in [
            ("{{{a.aa}}}", "testing"),
            ("{{{a.ab}}}", "1234"),
            ("{{{b}}}", "xxx"),
            ("{{{c.0.ca}}}", "first"),
            ("{{{c.1.cb}}}", "456"),
            ("{{#b}}{{{b}}}{{/b}}{{^b}}Missing{{/b}}", "xxx"),
            ("{{#z}}{{{z}}}{{/z}}{{^z}}Missing{{/z}}", "Missing"),
            ("{{#c}}{{{ca}}}~{{/c}}", "first~second~"),
            ("{ \"v\": {{{a.ab}}} }", "{ \"v\": 1234 }"),
            ("{\"a\":{\"b\":{{{b}}}}}", "{\"a\":{\"b\":xxx}}"),
        ] {
            assert_eq!(render(template, &data), result, "{template}");
        }
    }

    #[test]
    fn values_are_escaped_unless_three_braces_or_an_ampersand_say_otherwise() {
        let data = json!({"x": "<a href=\"'&'\">"});
        assert_eq!(render("{{x}}", &data), "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;");
        assert_eq!(render("{{{x}}}|{{& x }}", &data), "<a href=\"'&'\">|<a href=\"'&'\">");
    }

    #[test]
    fn values_read_as_in_javascript() {
        let data =
            json!({"i": 20.0, "f": 21.1, "big": 1e20, "n": null, "t": true, "o": {"k": [1, "x"]}, "e": ""});
        assert_eq!(
            render("{{i}} {{f}} {{big}} {{n}} {{t}} {{missing}}", &data),
            "20 21.1 100000000000000000000  true "
        );
        assert_eq!(render("{{{o}}}", &data), "{\"k\":[1,\"x\"]}");
        assert_eq!(render("{{#e}}x{{/e}}{{^e}}y{{/e}}{{#i}}z{{/i}}{{^n}}w{{/n}}", &data), "yzw");
        assert_eq!(render("{{#zero}}x{{/zero}}{{^zero}}y{{/zero}}", &json!({"zero": 0})), "y");
    }

    #[test]
    fn names_are_looked_for_outwards() {
        let data = json!({"id": 7, "l": [{"n": 1, "l": [{"m": 2}]}, {"n": 3, "id": 9}], "p": ["a", "b"]});
        assert_eq!(render("{{#l}}{{id}}-{{n}} {{/l}}", &data), "7-1 9-3 ");
        assert_eq!(render("{{#l}}{{#l}}{{m}}{{id}}{{n}}{{/l}}{{/l}}", &data), "2719193");
        assert_eq!(render("{{#p}}<{{.}}>{{/p}}", &data), "<a><b>");
        let (outer, inner) = (json!({"a": 1, "b": 2}), json!({"b": 3}));
        let outer = Scope::new(&outer);
        let both = Template::parse("{{a}}{{b}}")
            .unwrap()
            .render(&outer.within(&inner), &mut Budget::default())
            .unwrap();
        assert_eq!(both, "13");
    }

    #[test]
    fn the_rest_of_the_language_is_there() {
        let data = json!({"x": 1, "my key": 2, "a": [1, 2]});
        for (template, result) in [
            ("a{{! a comment\n}}b", "ab"),
            ("{{=<% %>=}}<% x %>{{x}}<%={{ }}=%>{{x}}", "1{{x}}1"),
            ("{{ x }}{{\tx\n}}", "11"),
            ("{{my key}}", "2"),
            ("one\n  {{#a}}\n- {{.}}\n  {{/a}}\nend\n", "one\n- 1\n- 2\nend\n"),
            ("{{#a}}\r\n{{.}}\r\n{{/a}}", "1\r\n2\r\n"),
            ("x {{#x}} y {{/x}} z\n", "x  y  z\n"),
            ("keeps \n", "keeps \n"),
            ("{ { x } }", "{ { x } }"),
            ("}}{", "}}{"),
        ] {
            assert_eq!(render(template, &data), result, "{template:?}");
        }
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (template, message) in [
            ("{{x", "the tag at character 1 is not closed"),
            ("ab{{{x}}", "the tag at character 3 is not closed"),
            ("é{{#x}}", "the section at character 2 is not closed"),
            ("{{/x}}", "the tag at character 1 closes a section that is not open"),
            ("{{#x}}{{/y}}", "the tag at character 7 closes another section than the last one opened"),
            ("{{}}", "the tag at character 1 has no name"),
            ("{{#}}{{/}}", "the tag at character 1 has no name"),
            ("{{a..b}}", "the tag at character 1 has no name"),
            ("{{> x}}", "the tag at character 1 asks for another template, of which there is none here"),
            ("{{=x=}}", "the tag at character 1 does not name two delimiters"),
            (&"{{#x}}".repeat(17), "sections stand in one another 16 deep at most"),
        ] {
            assert_eq!(Template::parse(template).unwrap_err().to_string(), message, "{template}");
        }
    }

    #[test]
    fn what_comes_of_it_is_bounded() {
        let long = json!({"a": vec![0; 400], "s": "x".repeat(20_000)});
        let endless = Template::parse("{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}").unwrap();
        assert_eq!(endless.render(&Scope::new(&long), &mut Budget::default()), Err(TooMuch));
        let wide = Template::parse("{{#a}}{{s}}{{/a}}").unwrap();
        assert_eq!(wide.render(&Scope::new(&long), &mut Budget::default()), Err(TooMuch));
    }

    #[test]
    fn plain_text_is_known_as_such() {
        assert_eq!(Template::parse("https://x/{y}").unwrap().as_plain(), Some("https://x/{y}"));
        assert_eq!(Template::parse("").unwrap().as_plain(), Some(""));
        assert_eq!(Template::parse("a{{b}}").unwrap().as_plain(), None);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-c]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_template_and_no_data_make_it_panic(template in "[{}#^/!&>=. \na-c]{0,60}", data in any_value()) {
            if let Ok(parsed) = Template::parse(&template)
                && let Ok(text) = parsed.render(&Scope::new(&data), &mut Budget::default())
            {
                prop_assert!(text.len() <= render::MOST_BYTES);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(template: String) {
            let _ = Template::parse(&template);
        }

        #[test]
        fn text_without_tags_stays_as_it_is(text in "[^{]{0,80}") {
            prop_assert_eq!(render(&text, &Value::Null), text);
        }

        #[test]
        fn unescaped_text_comes_out_as_it_went_in(text: String) {
            prop_assert_eq!(render("{{{x}}}", &json!({"x": text.clone()})), text);
        }
    }
}
