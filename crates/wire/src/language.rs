//! Which of our languages a caller wants.

/// Whether Spanish comes before English in this value of `Accept-Language`. English where neither is wanted.
pub fn prefers_spanish(accept_language: &str) -> bool {
    let mut best = (false, 0.0);
    for part in accept_language.split(',') {
        let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
        let quality: f32 = quality.trim().parse().unwrap_or(0.0);
        let spanish = match tag.trim().split('-').next() {
            Some("es") => true,
            Some("en") => false,
            _ => continue,
        };
        if quality > best.1 {
            best = (spanish, quality);
        }
    }
    best.0
}
