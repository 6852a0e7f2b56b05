//! What the edge's pages say, in both languages.

use crate::cause::HostCause;
use crate::page::{Page, PageLanguage};

/// The words of one page. They are HTML already: nothing in them comes from a setting.
pub(crate) struct PageText {
    pub(crate) status: &'static str,
    pub(crate) title: &'static str,
    pub(crate) paragraphs: [&'static str; 2],
}

/// The words of this page in this language.
pub(crate) fn page_text(page: Page, language: PageLanguage) -> PageText {
    let [spanish, english] = match page {
        Page::Unknown => UNKNOWN,
        Page::Suspended(None) => SUSPENDED,
        Page::Suspended(Some(HostCause::Unpaid)) => SUSPENDED_UNPAID,
        Page::Suspended(Some(HostCause::Quota)) => SUSPENDED_QUOTA,
        Page::Suspended(Some(HostCause::Expired)) => SUSPENDED_EXPIRED,
        Page::Paused => PAUSED,
        Page::Maintenance => MAINTENANCE,
        Page::Restricted(None) => RESTRICTED,
        Page::Restricted(Some(HostCause::Unpaid)) => RESTRICTED_UNPAID,
        Page::Restricted(Some(HostCause::Quota)) => RESTRICTED_QUOTA,
        Page::Restricted(Some(HostCause::Expired)) => RESTRICTED_EXPIRED,
        Page::Unavailable => UNAVAILABLE,
    };
    match language {
        PageLanguage::Spanish => spanish,
        PageLanguage::English => english,
    }
}

/// The label of the link to the customer's portal.
pub(crate) fn portal_link(page: Page, language: PageLanguage) -> &'static str {
    match (language, page.is_unpaid()) {
        (PageLanguage::Spanish, false) => "Ir a mi cuenta",
        (PageLanguage::Spanish, true) => "Pagar en mi cuenta",
        (PageLanguage::English, false) => "Go to my account",
        (PageLanguage::English, true) => "Pay in my account",
    }
}

const UNKNOWN: [PageText; 2] = [
    PageText {
        status: "404",
        title: "Aquí no hay nada",
        paragraphs: [
            "Esta dirección no corresponde a ningún espacio de trabajo ni a ninguna página.",
            "Compruebe que la escribió bien. Si le dieron un enlace, pida uno nuevo a quien se lo envió.",
        ],
    },
    PageText {
        status: "404",
        title: "Nothing here",
        paragraphs: [
            "This address belongs to no workspace and to no page.",
            "Check that it is spelled correctly. If somebody gave you a link, ask them for a new one.",
        ],
    },
];

const SUSPENDED: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Espacio de trabajo suspendido",
        paragraphs: [
            "Este espacio de trabajo está suspendido. Sus datos se conservan.",
            "Si usted lo administra, revise su cuenta para reactivarlo. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Workspace suspended",
        paragraphs: [
            "This workspace is suspended. Its data are kept.",
            "If you manage it, look into your account to reactivate it. If not, talk to the person who does.",
        ],
    },
];

const SUSPENDED_UNPAID: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Suspendido por falta de pago",
        paragraphs: [
            "Este espacio de trabajo está suspendido porque hay un pago pendiente. Sus datos se conservan.",
            "Si usted lo administra, pague en su cuenta para reactivarlo. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Suspended: payment due",
        paragraphs: [
            "This workspace is suspended because a payment is due. Its data are kept.",
            "If you manage it, pay in your account to reactivate it. If not, talk to the person who does.",
        ],
    },
];

const SUSPENDED_QUOTA: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Suspendido por exceso de uso",
        paragraphs: [
            "Este espacio de trabajo está suspendido porque usa más de lo que incluye su plan. Sus datos se conservan.",
            "Si usted lo administra, amplíe el plan en su cuenta. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Suspended: over its limits",
        paragraphs: [
            "This workspace is suspended because it uses more than its plan includes. Its data are kept.",
            "If you manage it, choose a larger plan in your account. If not, talk to the person who does.",
        ],
    },
];

const SUSPENDED_EXPIRED: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Su plazo terminó",
        paragraphs: [
            "Este espacio de trabajo está suspendido porque terminó su plazo. Sus datos se conservan.",
            "Si usted lo administra, pida en su cuenta que siga. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Its time has ended",
        paragraphs: [
            "This workspace is suspended because its time has ended. Its data are kept.",
            "If you manage it, ask in your account for it to go on. If not, talk to the person who does.",
        ],
    },
];

const PAUSED: [PageText; 2] = [
    PageText {
        status: "503",
        title: "Espacio de trabajo en pausa",
        paragraphs: [
            "Quien administra este espacio de trabajo lo puso en pausa. Sus datos se conservan.",
            "Volverá a estar disponible cuando esa persona lo reanude.",
        ],
    },
    PageText {
        status: "503",
        title: "Workspace paused",
        paragraphs: [
            "The person who manages this workspace has paused it. Its data are kept.",
            "It will be available again when that person resumes it.",
        ],
    },
];

const MAINTENANCE: [PageText; 2] = [
    PageText {
        status: "503",
        title: "En mantenimiento",
        paragraphs: [
            "Estamos trabajando en este espacio de trabajo.",
            "Vuelva a intentarlo dentro de unos minutos.",
        ],
    },
    PageText {
        status: "503",
        title: "Under maintenance",
        paragraphs: [
            "We are working on this workspace.",
            "Please try again in a few minutes.",
        ],
    },
];

const RESTRICTED: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Administración cerrada",
        paragraphs: [
            "La administración de este espacio de trabajo está cerrada. \
             Su sitio web sigue abierto y sus datos se conservan.",
            "Si usted lo administra, revise su cuenta para reabrirla. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Administration closed",
        paragraphs: [
            "The administration of this workspace is closed. \
             Its website stays open and its data are kept.",
            "If you manage it, look into your account to open it again. If not, talk to the person who does.",
        ],
    },
];

const RESTRICTED_UNPAID: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Administración cerrada por falta de pago",
        paragraphs: [
            "La administración de este espacio de trabajo está cerrada porque hay un pago pendiente. \
             Su sitio web sigue abierto y sus datos se conservan.",
            "Si usted lo administra, pague en su cuenta para reabrirla. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Administration closed: payment due",
        paragraphs: [
            "The administration of this workspace is closed because a payment is due. \
             Its website stays open and its data are kept.",
            "If you manage it, pay in your account to open it again. If not, talk to the person who does.",
        ],
    },
];

const RESTRICTED_QUOTA: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Administración cerrada por exceso de uso",
        paragraphs: [
            "La administración de este espacio de trabajo está cerrada porque usa más de lo que incluye su plan. \
             Su sitio web sigue abierto y sus datos se conservan.",
            "Si usted lo administra, amplíe el plan en su cuenta. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Administration closed: over its limits",
        paragraphs: [
            "The administration of this workspace is closed because it uses more than its plan includes. \
             Its website stays open and its data are kept.",
            "If you manage it, choose a larger plan in your account. If not, talk to the person who does.",
        ],
    },
];

const RESTRICTED_EXPIRED: [PageText; 2] = [
    PageText {
        status: "402",
        title: "Administración cerrada: terminó su plazo",
        paragraphs: [
            "La administración de este espacio de trabajo está cerrada porque terminó su plazo. \
             Su sitio web sigue abierto y sus datos se conservan.",
            "Si usted lo administra, pida en su cuenta que siga. Si no, hable con quien lo administra.",
        ],
    },
    PageText {
        status: "402",
        title: "Administration closed: its time has ended",
        paragraphs: [
            "The administration of this workspace is closed because its time has ended. \
             Its website stays open and its data are kept.",
            "If you manage it, ask in your account for it to go on. If not, talk to the person who does.",
        ],
    },
];

const UNAVAILABLE: [PageText; 2] = [
    PageText {
        status: "502 · 504",
        title: "No podemos responder ahora",
        paragraphs: [
            "La aplicación no respondió. Si estaba guardando algo, compruebe si se guardó.",
            "Vuelva a intentarlo dentro de unos minutos.",
        ],
    },
    PageText {
        status: "502 · 504",
        title: "We cannot answer right now",
        paragraphs: [
            "The application did not answer. If you were saving something, check whether it was saved.",
            "Please try again in a few minutes.",
        ],
    },
];
