//! Attachments that fit what somebody looks for, found in the dump's `ir_attachment`.

use super::copied::{columns, is_end, line, quoted, values};
use super::table::unread;
use super::unpacked;
use crate::backup::fetch::Reader;
use crate::error::{Code, StepFailure};
use std::collections::HashMap;
use std::io::{BufReader, Read};
use wire::export::AttachmentFilter;

/// So many at most go out at once: whoever wants more wants a backup.
const MOST: usize = 5000;
/// Bytes of contents that the database itself holds, together.
const LARGEST_INLINE: usize = 256 << 20;

/// Attachments that fit.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    rows: Vec<Attachment>,
}

/// A row of `ir_attachment`.
#[derive(Debug, Default, Clone)]
struct Attachment {
    id: String,
    name: String,
    model: String,
    record: String,
    checksum: String,
    stored: String,
    kind: String,
    /// What the database itself holds of it.
    content: Option<Vec<u8>>,
}

/// Reads the dump for attachments that fit.
pub(super) async fn find(reader: &Reader<'_>, filter: &AttachmentFilter) -> Result<Picked, StepFailure> {
    let arguments = ["--data-only", "--schema=public", "--table=ir_attachment"].map(ToOwned::to_owned);
    let filter = filter.clone();
    let found = unpacked(reader, &arguments, Picked::default(), move |from, picked| {
        read(from, &filter, picked)
    });
    let picked = found.await?;
    match picked.rows.is_empty() {
        true => Err(StepFailure::new(
            Code::NothingFits,
            "No attachment of the backup fits what was asked for. Say less of it, or look in another backup.",
        )),
        false => Ok(picked),
    }
}

fn read(from: &mut dyn Read, filter: &AttachmentFilter, mut picked: Picked) -> Result<Picked, StepFailure> {
    let mut from = BufReader::with_capacity(256 << 10, from);
    let (mut text, mut head, mut inline) = (Vec::new(), None, 0);
    while line(&mut from, &mut text).map_err(unread)? {
        let Some(names) = &head else {
            head = columns(&String::from_utf8_lossy(&text));
            continue;
        };
        if is_end(&text) {
            break;
        }
        let row = attachment(names, &text);
        if !fits(&row, filter) {
            continue;
        }
        inline += row.content.as_ref().map_or(0, Vec::len);
        if picked.rows.len() >= MOST || inline > LARGEST_INLINE {
            let detail = format!(
                "More than {MOST} attachments fit, or they are too large. Say more of the one you want."
            );
            return Err(StepFailure::new(Code::NothingFits, detail));
        }
        picked.rows.push(row);
    }
    // The program must not find its reader gone.
    std::io::copy(&mut from, &mut std::io::sink()).map_err(unread)?;
    Ok(picked)
}

fn attachment(names: &[String], text: &[u8]) -> Attachment {
    let mut row = Attachment::default();
    for (name, value) in names.iter().zip(values(text)) {
        let Some(value) = value else { continue };
        if name == "db_datas" {
            let digits = value.strip_prefix(b"\\x").unwrap_or_default();
            row.content = hex::decode(digits).ok().filter(|content| !content.is_empty());
            continue;
        }
        let text = || String::from_utf8_lossy(&value).into_owned();
        match name.as_str() {
            "id" => row.id = text(),
            "name" => row.name = text(),
            "res_model" => row.model = text(),
            "res_id" => row.record = text(),
            "checksum" => row.checksum = text(),
            "store_fname" => row.stored = text(),
            "mimetype" => row.kind = text(),
            _ => {}
        }
    }
    row
}

fn fits(row: &Attachment, filter: &AttachmentFilter) -> bool {
    let number = |wanted: Option<i64>, found: &str| {
        wanted.is_none_or(|wanted| found.parse::<i64>().is_ok_and(|found| found == wanted))
    };
    let part = |wanted: &str| row.name.to_lowercase().contains(&wanted.to_lowercase());
    let has_content = !row.stored.is_empty() || row.content.is_some();
    has_content
        && number(filter.id, &row.id)
        && number(filter.record, &row.record)
        && filter
            .checksum
            .as_ref()
            .is_none_or(|sum| sum.eq_ignore_ascii_case(&row.checksum))
        && filter.model.as_ref().is_none_or(|model| *model == row.model)
        && filter.name.as_deref().is_none_or(part)
}

impl Attachment {
    /// Its name in the zip: the number tells those of one name apart, and no name leads out of the folder.
    fn path(&self) -> String {
        let safe = |c: char| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        };
        let name: String = self.name.chars().map(safe).take(120).collect();
        let name = name.trim_matches(['.', ' ']);
        let number: String = self.id.chars().filter(char::is_ascii_digit).collect();
        format!("files/{number}-{}", if name.is_empty() { "file" } else { name })
    }
}

impl Picked {
    /// A list of them, as comma separated text.
    pub(super) fn index(&self) -> String {
        let mut text = b"id,name,res_model,res_id,mimetype,checksum,file\r\n".to_vec();
        for row in &self.rows {
            let path = row.path();
            let fields = [
                &row.id,
                &row.name,
                &row.model,
                &row.record,
                &row.kind,
                &row.checksum,
                &path,
            ];
            for (index, field) in fields.into_iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                quoted(
                    Some(field.as_bytes()).filter(|field| !field.is_empty()),
                    &mut text,
                );
            }
            text.extend_from_slice(b"\r\n");
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Names in the zip by the file in the filestore; several attachments may have one content.
    pub(super) fn names(&self) -> HashMap<String, Vec<String>> {
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.content.is_none()) {
            names.entry(row.stored.clone()).or_default().push(row.path());
        }
        names
    }

    /// Those whose content the database holds.
    pub(super) fn inline(&self) -> impl Iterator<Item = (String, &[u8])> {
        let rows = self.rows.iter();
        rows.filter_map(|row| Some((row.path(), row.content.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "COPY public.ir_attachment (id, name, res_model, res_id, store_fname, checksum, db_datas) FROM stdin;\n\
        1\tContract.pdf\tres.partner\t7\tab/ab01\tab01\t\\N\n\
        2\t../../x.txt\t\\N\t\\N\t\\N\tcd02\t\\\\x4142\n\
        3\tcontract copy.pdf\tsale.order\t7\tab/ab01\tab01\t\\N\n\
        4\tempty\t\\N\t\\N\t\\N\t\\N\t\\N\n\\.\n";

    fn found(filter: AttachmentFilter) -> Picked {
        read(&mut DUMP.as_bytes(), &filter, Picked::default()).unwrap()
    }

    #[test]
    fn what_is_said_of_an_attachment_finds_it() {
        let by = |change: fn(&mut AttachmentFilter)| {
            let mut filter = AttachmentFilter::default();
            change(&mut filter);
            let ids: Vec<String> = found(filter).rows.into_iter().map(|row| row.id).collect();
            ids.join(" ")
        };
        assert_eq!(by(|_| {}), "1 2 3");
        assert_eq!(by(|filter| filter.name = Some("CONTRACT".to_owned())), "1 3");
        assert_eq!(by(|filter| filter.record = Some(7)), "1 3");
        assert_eq!(by(|filter| filter.model = Some("sale.order".to_owned())), "3");
        assert_eq!(by(|filter| filter.checksum = Some("CD02".to_owned())), "2");
        assert_eq!(by(|filter| filter.id = Some(9)), "");
    }

    #[test]
    fn no_name_leads_out_of_its_folder_and_a_content_may_have_several() {
        let picked = found(AttachmentFilter::default());
        let names = picked.names();
        assert_eq!(
            names.get("ab/ab01").map(Vec::as_slice),
            Some(
                &[
                    "files/1-Contract.pdf".to_owned(),
                    "files/3-contract copy.pdf".to_owned()
                ][..]
            )
        );
        let inline: Vec<_> = picked.inline().collect();
        assert_eq!(inline, vec![("files/2-_.._x.txt".to_owned(), &b"AB"[..])]);
        assert!(
            picked
                .index()
                .contains("1,Contract.pdf,res.partner,7,,ab01,files/1-Contract.pdf\r\n")
        );
    }
}
