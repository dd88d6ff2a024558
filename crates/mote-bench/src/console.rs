//! Pages of the web console, as a browser asks for them.

use std::time::{Duration, Instant};

use clap::Args;
use ureq::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, COOKIE, SET_COOKIE};

use crate::Fault;

/// What is asked for.
#[derive(Args)]
pub(crate) struct Target {
    /// The server's address.
    url: String,
    /// Somebody's address who may see it.
    #[arg(long)]
    email: String,
    /// His password.
    #[arg(long)]
    password: String,
    /// Path of the page.
    #[arg(long)]
    page: String,
}

/// A browser that keeps its cookies, and its one connection.
struct Browser {
    agent: ureq::Agent,
    url: String,
    cookies: Vec<String>,
}

impl Browser {
    fn new(url: String) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { agent: config.build().into(), url, cookies: Vec::new() }
    }

    fn get(&mut self, path: &str) -> Result<String, Fault> {
        let request = self.agent.get(format!("{}{path}", self.url)).header(COOKIE, self.cookies.join("; "));
        let mut answer = request.call()?;
        self.keep_cookies(&answer);
        let text = answer.body_mut().read_to_string()?;
        if answer.status().as_u16() == 200 { Ok(text) } else { Err(format!("GET {path}: {text}").into()) }
    }

    fn sign_in(&mut self, email: &str, password: &str) -> Result<(), Fault> {
        let page = self.get("/sign-in")?;
        let token = between(&page, "name=\"form_token\" value=\"", "\"").ok_or("the page has no form")?;
        let request =
            self.agent.post(format!("{}/sign-in", self.url)).header(COOKIE, self.cookies.join("; "));
        let answer =
            request.send_form([("form_token", token), ("username", email), ("password", password)])?;
        self.keep_cookies(&answer);
        match answer.status().as_u16() {
            303 => Ok(()),
            status => Err(format!("signing in was answered {status}").into()),
        }
    }

    fn keep_cookies(&mut self, answer: &ureq::http::Response<ureq::Body>) {
        let set = answer.headers().get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for cookie in set.filter_map(|line| line.split(';').next()) {
            let name = cookie.split('=').next().unwrap_or_default();
            self.cookies.retain(|kept| kept.split('=').next() != Some(name));
            self.cookies.push(cookie.to_owned());
        }
    }

    /// Bytes of a body as it goes over the wire.
    fn weigh(&self, path: &str) -> Result<(usize, String), Fault> {
        let url = format!("{}{path}", self.url);
        // Asked for by hand, so that it is not unpacked here.
        let mut answer = self.agent.get(&url).header(ACCEPT_ENCODING, "gzip").call()?;
        let packed = answer.headers().contains_key(CONTENT_ENCODING);
        let bytes = answer.body_mut().read_to_vec()?;
        let text = if packed {
            self.agent.get(url).call()?.body_mut().read_to_string()?
        } else {
            String::from_utf8(bytes.clone())?
        };
        Ok((bytes.len(), text))
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Asks for the page again and again, one after the other: prints `milliseconds`, the median. Then visits the server for the
/// first time: prints `first-visit-bytes`, of the page to sign in on and all that it loads.
pub(crate) fn measure(target: Target, seconds: u64) -> Result<(), Fault> {
    let mut browser = Browser::new(target.url.clone());
    browser.sign_in(&target.email, &target.password)?;
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < Duration::from_secs(seconds) {
        let asked = Instant::now();
        browser.get(&target.page)?;
        times.push(asked.elapsed());
    }
    times.sort_unstable();
    println!("milliseconds {}", times[times.len() / 2].as_secs_f64() * 1000.0);

    let visitor = Browser::new(target.url);
    let (mut bytes, page) = visitor.weigh("/sign-in")?;
    for attribute in ["href=\"/", "src=\"/"] {
        for rest in page.split(attribute).skip(1) {
            let path = rest.split('"').next().unwrap_or_default();
            if path.starts_with("assets/") {
                bytes += visitor.weigh(&format!("/{path}"))?.0;
            }
        }
    }
    println!("first-visit-bytes {bytes}");
    Ok(())
}
