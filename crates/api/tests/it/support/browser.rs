use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::chromium::chromium;

/// How long the browser may take for one thing.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page open in a real Chromium, driven by the DevTools protocol over a pipe. Its methods block.
pub(crate) struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    events: Vec<Value>,
    session: Option<String>,
    last_id: u64,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser with an empty page.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut process = chromium()
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(process.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            // Each message ends with a NUL.
            while answers.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                let Ok(read) = serde_json::from_slice(&message) else {
                    return;
                };
                message.clear();
                if sender.send(read).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self {
            commands: process.stdin.take().unwrap(),
            process,
            messages,
            events: Vec::new(),
            session: None,
            last_id: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.call("Page.navigate", &json!({"url": url}));
    }

    /// The value of a JavaScript expression, in which the page may be changed; promises are waited for.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        self.try_evaluate(expression)
            .unwrap_or_else(|problem| panic!("{expression}: {problem}"))
    }

    /// Evaluates an expression. It may fail while the page is being left for another.
    fn try_evaluate(&mut self, expression: &str) -> Result<Value, Value> {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.try_call("Runtime.evaluate", &params)?;
        if answer["exceptionDetails"].is_null() {
            Ok(answer["result"]["value"].take())
        } else {
            Err(answer)
        }
    }

    /// Waits until an expression is true.
    #[expect(
        clippy::disallowed_methods,
        reason = "its thread has nothing else to do; the server has others"
    )]
    pub(crate) fn wait_until(&mut self, expression: &str) {
        let began = Instant::now();
        let expression = format!("Boolean({expression})");
        while self.try_evaluate(&expression) != Ok(Value::Bool(true)) {
            assert!(
                began.elapsed() < PATIENCE,
                "never true: {expression}: {:?}",
                self.complaints()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until an element is there and moves no more, then clicks its middle.
    pub(crate) fn click(&mut self, selector: &str) {
        let found = json!(selector);
        self.wait_until(&format!(
            "(() => {{
                const element = document.querySelector({found});
                if (!element || element.disabled) return false;
                element.scrollIntoView({{block: 'center', behavior: 'instant'}});
                const {{x, y, width, height}} = element.getBoundingClientRect();
                const at = [x + width / 2, y + height / 2];
                const top = document.elementFromPoint(...at);
                const isStill = String(window.lastPlace) === String(at);
                window.lastPlace = at;
                return isStill && (element.contains(top) || top?.closest('label')?.contains(element));
            }})()"
        ));
        let place = self.evaluate("window.lastPlace");
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Types a text into a field, in place of the text that is there.
    pub(crate) fn fill(&mut self, selector: &str, text: &str) {
        let found = json!(selector);
        self.wait_until(&format!("document.querySelector({found})"));
        self.evaluate(&format!(
            "(() => {{ const field = document.querySelector({found}); field.focus(); field.select?.(); }})()"
        ));
        self.type_text(text);
    }

    /// Types a text into the field that has the focus.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Sets a date, for which browsers have fields of their own.
    pub(crate) fn set_date(&mut self, selector: &str, date: &str) {
        self.evaluate(&format!("document.querySelector('{selector}').value = '{date}'"));
    }

    /// Presses a key: `Tab`, `Enter`, `Escape`, `Space` or an arrow.
    pub(crate) fn press(&mut self, key: &str) {
        let (value, code, text) = match key {
            "Enter" => ("Enter", 13, "\r"),
            "Space" => (" ", 32, " "),
            "Tab" => (key, 9, ""),
            "Escape" => (key, 27, ""),
            "ArrowDown" => (key, 40, ""),
            _ => panic!("no such key: {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({
                "type": kind, "key": value, "code": key, "windowsVirtualKeyCode": code, "text": text,
            });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Sets the size of the window in CSS pixels, and the theme of the system.
    pub(crate) fn look(&mut self, width: u32, theme: &str) {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.call("Emulation.setEmulatedMedia", &theme);
    }

    /// Cuts the page off from the network, or connects it again.
    pub(crate) fn set_offline(&mut self, offline: bool) {
        let conditions =
            json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.call("Network.emulateNetworkConditions", &conditions);
    }

    /// Everything that the console shows as an error, but for answers of the API that are refusals.
    pub(crate) fn faults_of_the_page(&self) -> Vec<String> {
        let is_refusal = |complaint: &String| {
            complaint.contains("\"source\":\"network\"")
                && (complaint.contains("/api/v1/") || complaint.contains("/app/session"))
        };
        let mut complaints = self.complaints();
        complaints.retain(|complaint| !is_refusal(complaint));
        complaints
    }

    /// Everything that the console shows as an error.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let is_complaint = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => {
                let entry = &event["params"]["entry"];
                // The web app asks whether there is a session, and a refusal is an answer.
                let asks_for_session = entry["url"]
                    .as_str()
                    .is_some_and(|url| url.ends_with("/app/session/refresh"));
                entry["level"] == "error" && !asks_for_session
            }
            _ => false,
        };
        self.events
            .iter()
            .filter(is_complaint)
            .map(Value::to_string)
            .collect()
    }

    /// The addresses of everything that was asked for.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let requests = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        requests
            .filter_map(|event| event["params"]["request"]["url"].as_str())
            .collect()
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.try_call(method, params)
            .unwrap_or_else(|problem| panic!("{method}: {problem}"))
    }

    fn try_call(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.last_id += 1;
        let mut command = json!({"id": self.last_id, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.commands, "{command}\0").unwrap();
        self.commands.flush().unwrap();
        loop {
            let mut message = self
                .messages
                .recv_timeout(PATIENCE)
                .expect("the browser does not answer");
            if message["id"] == self.last_id {
                return match message["error"].is_null() {
                    true => Ok(message["result"].take()),
                    false => Err(message),
                };
            }
            self.events.push(message);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
