//! Filling placeholders such as `@domain@` in a text.

/// The template with each `@name@` replaced by its value. One pass: what a value holds is never
/// taken for a placeholder. Names without a value stay, which a test of every rendered file finds.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        filled.push_str(before);
        let found = after.split_once('@').and_then(|(name, tail)| {
            let value = values.iter().find(|(known, _)| *known == name)?.1;
            Some((value, tail))
        });
        rest = match found {
            Some((value, tail)) => {
                filled.push_str(value);
                tail
            }
            None => {
                filled.push('@');
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once() {
        assert_eq!(
            fill("a @x@ @y@ @media", &[("x", "@y@"), ("y", "2")]),
            "a @y@ 2 @media"
        );
        assert_eq!(fill("@unknown@ @x@", &[("x", "1")]), "@unknown@ 1");
    }
}
