//! What one may choose from in dialogs and filters.

use crate::App;
use crate::problem::Failure;
use control::Caller;
use wire::apikey::Node;

/// What one may choose from.
pub(crate) struct Choices {
    /// Names of plans, in their order.
    pub(crate) plans: Vec<String>,
    /// Those of them that tenants are put on.
    pub(crate) offered: Vec<String>,
    /// Names of products.
    pub(crate) products: Vec<String>,
    /// Those of them of which tenants are made.
    pub(crate) offered_products: Vec<String>,
    /// The nodes.
    pub(crate) nodes: Vec<Node>,
    /// Names of templates that are cloned, each once.
    pub(crate) templates: Vec<String>,
    /// How many nodes take another tenant.
    pub(crate) room: usize,
}

impl Choices {
    /// What there is.
    pub(crate) async fn of(app: &App, caller: &Caller) -> Result<Self, Failure> {
        let (sold, nodes, templates) = tokio::try_join!(
            app.control.on_sale(caller),
            app.control.nodes(caller),
            app.control.template_names(caller),
        )?;
        let room = nodes.iter().filter(|node| has_room(node)).count();
        Ok(Self {
            plans: sold.plans,
            offered: sold.offered_plans,
            products: sold.products,
            offered_products: sold.offered_products,
            nodes,
            templates,
            room,
        })
    }
}

fn has_room(node: &Node) -> bool {
    let full = node
        .max_tenants
        .is_some_and(|most| node.tenants >= i64::from(most));
    node.state == "online" && node.mode == "active" && !full
}
