//! The few pictures of the panel, drawn with strokes of the text's own colour.

use askama::filters::Safe;

/// A picture by its name; nothing for a name that there is not.
pub(crate) fn icon(name: &str) -> Safe<String> {
    let paths = match name {
        "dashboard" => "<path d='M3 3h6v7H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 12h6v5H3z'/>",
        "tenants" => "<path d='M3 17V6l7-3 7 3v11M7 17v-4h6v4M7 9h.01M10 9h.01M13 9h.01'/>",
        "operations" => "<path d='M3 10a7 7 0 0 1 12-5l2 2M17 3v4h-4M17 10a7 7 0 0 1-12 5l-2-2M3 17v-4h4'/>",
        "nodes" => "<path d='M3 4h14v5H3zM3 11h14v5H3zM6 6.5h.01M6 13.5h.01'/>",
        "templates" => "<path d='M4 3h9l3 3v11H4zM7 8h6M7 11h6M7 14h3'/>",
        "databases" => {
            "<ellipse cx='10' cy='5' rx='6.5' ry='2.5'/><path d='M3.5 5v10c0 1.4 3 2.5 6.5 2.5s6.5-1.1 6.5-2.5V5M3.5 10c0 1.4 3 2.5 6.5 2.5s6.5-1.1 6.5-2.5'/>"
        }
        "backups" => {
            "<path d='M10 2.500l6 2.500v5c0 4-3 6.500-6 7.500-3-1-6-3.500-6-7.500V5zM7 10l2.200 2.200L13 8'/>"
        }
        "activity" => "<path d='M2 10h4l2.5-6 3.5 12 2.5-6H18'/>",
        "organizations" => "<path d='M3 17V7h6v10M9 17V3h8v14M12 6h2M12 9h2M12 12h2M5 10h2M5 13h2'/>",
        "people" => {
            "<circle cx='7.5' cy='7' r='3'/><path d='M2 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 4.2a3 3 0 0 1 0 5.6M15 12.5c2 .6 3 2.3 3 4.5'/>"
        }
        "keys" => "<circle cx='6.5' cy='13.5' r='3.5'/><path d='M9 11l8-8M13 7l3 3'/>",
        "settings" => {
            "<path d='M3 6h8M15 6h2M3 14h2M9 14h8'/><circle cx='13' cy='6' r='2'/><circle cx='7' cy='14' r='2'/>"
        }
        "products" => "<path d='M10 2.5l7 3.5v8l-7 3.5L3 14V6zM3 6l7 3.5L17 6M10 9.5v8'/>",
        "work" => "<circle cx='10' cy='10' r='7'/><path d='M10 6v4l3 2'/>",
        "search" => "<circle cx='9' cy='9' r='5.5'/><path d='M13 13l4 4'/>",
        "plus" => "<path d='M10 4v12M4 10h12'/>",
        "more" => "<path d='M10 4.5h.01M10 10h.01M10 15.5h.01' stroke-width='2.6'/>",
        "open" => "<path d='M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8'/>",
        "menu" => "<path d='M3 5h14M3 10h14M3 15h14'/>",
        "close" => "<path d='M5 5l10 10M15 5L5 15'/>",
        "sun" => {
            "<circle cx='10' cy='10' r='3.5'/><path d='M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1 1M14.7 14.7l1 1M4.3 15.7l1-1M14.7 5.3l1-1'/>"
        }
        "moon" => "<path d='M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z'/>",
        "language" => {
            "<circle cx='10' cy='10' r='7'/><path d='M3 10h14M10 3c2.5 2.2 2.5 11.8 0 14M10 3c-2.5 2.2-2.5 11.8 0 14'/>"
        }
        "account" => {
            "<circle cx='10' cy='7' r='3.5'/><path d='M3.5 17.5c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5'/>"
        }
        "leave" => "<path d='M8 4H4v12h4M12 6l4 4-4 4M16 10H8'/>",
        "warning" => "<path d='M10 3l8 14H2zM10 8v4M10 14.5h.01'/>",
        "check" => "<path d='M4 10.5l4 4 8-9'/>",
        "copy" => "<path d='M7 7h10v10H7zM4 13H3V3h10v1'/>",
        "download" => "<path d='M10 3v10M6 9l4 4 4-4M4 17h12'/>",
        "upload" => "<path d='M10 13V3M6 7l4-4 4 4M4 17h12'/>",
        "columns" => "<path d='M3 4h14v12H3zM8 4v12M13 4v12'/>",
        "star" => "<path d='M10 3l2.2 4.6 5 .7-3.6 3.5.9 5L10 14.4l-4.5 2.4.9-5L2.800 8.300l5-.7z'/>",
        "inbox" => "<path d='M3 11l3-7h8l3 7v5H3zM3 11h4l1.500 2.500h3L13 11h4'/>",
        "shield" => "<path d='M10 2.500l6 2.500v5c0 4-3 6.500-6 7.500-3-1-6-3.500-6-7.500V5z'/>",
        _ => "",
    };
    Safe(format!(
        "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\">{paths}</svg>"
    ))
}
