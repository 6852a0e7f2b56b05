//! Server-sent events, as far as the API uses them (WHATWG HTML, 9.2).

/// More than this without an end of event is not a stream of operations.
const LONGEST_EVENT: usize = 1024 * 1024;

/// Collects bytes and gives out the data of complete events of the kind `operation`.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pending: Vec<u8>,
    kind: String,
    data: Option<String>,
}

/// The stream is not one of events.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotEvents;

impl Events {
    /// Takes the next bytes; answers the data of the events that they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<String>, NotEvents> {
        self.pending.extend_from_slice(bytes);
        let mut complete = Vec::new();
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let text = String::from_utf8(line).map_err(|_| NotEvents)?;
            complete.extend(self.line(text.trim_end_matches(['\n', '\r'])));
        }
        let held = self.pending.len() + self.data.as_ref().map_or(0, String::len);
        if held > LONGEST_EVENT {
            Err(NotEvents)
        } else {
            Ok(complete)
        }
    }

    fn line(&mut self, line: &str) -> Option<String> {
        if line.is_empty() {
            let kind = std::mem::take(&mut self.kind);
            return self.data.take().filter(|_| kind == "operation");
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.kind),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments (an empty field) and fields that the API does not use.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() -> Result<(), NotEvents> {
        let stream = ": hello\n\nevent: operation\r\ndata: {\"a\":\r\ndata: \"ñ\"}\r\n\r\nevent: other\ndata: x\n\n\
                      event: operation\ndata:{}\n\nevent: operation\ndata: unfinished\n";
        for size in [1, 2, 3, 7, 1000] {
            let mut events = Events::default();
            let mut found = Vec::new();
            for bytes in stream.as_bytes().chunks(size) {
                found.extend(events.feed(bytes)?);
            }
            assert_eq!(found, ["{\"a\":\n\"ñ\"}", "{}"], "in pieces of {size}");
        }
        Ok(())
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut events = Events::default();
        assert_eq!(events.feed(&vec![b'x'; LONGEST_EVENT + 1]), Err(NotEvents));
    }
}
