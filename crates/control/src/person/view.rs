//! People as the API shows them.

use store::{OpenInvitation, PersonRecord};
use wire::person::{Invitation, Person};

pub(crate) fn person_view(record: PersonRecord) -> Person {
    let state = match record.disabled_at {
        Some(_) => "disabled",
        None => "active",
    };
    Person {
        id: record.id.to_string(),
        email: record.email.to_string(),
        name: record.name,
        role: record.staff.map(|role| role.to_string()),
        state: state.to_owned(),
        created_at: record.created_at,
        disabled_at: record.disabled_at,
    }
}

pub(crate) fn invitation_view(record: OpenInvitation) -> Invitation {
    Invitation {
        email: record.email,
        role: record.role,
        created_by: record.created_by,
        created_at: record.created_at,
        expires_at: record.expires_at,
    }
}
