use super::Group;
use crate::cloud::Cloud;
use crate::on_both_engines;

on_both_engines!(answers_have_the_documented_shapes);

async fn answers_have_the_documented_shapes(cloud: Cloud) {
    let user = cloud.user("me@example.com").await;
    let product = cloud.product(&user, "Shapes").await;
    for (path, of_product) in
        [("/v1/clients".to_owned(), false), (format!("/v1/products/{}/clients", product.id), true)]
    {
        let mut contract = Group::begin("OAuth");
        let more = |prefix: &'static [(&'static str, &'static str)]| &prefix[usize::from(!of_product)..];
        let made = cloud.form("POST", &path, &user, &[("name", "MyApp"), ("type", "installed")]).await;
        let made_more = more(&[
            ("/client/product_id", "particle-api-js reads it"),
            ("/client/created_at", "for consoles"),
        ]);
        contract.check_with("OAuth-CreateOAuthClient", &made, made_more);
        let listed = cloud.get(&path, &user).await;
        let listed_more = more(&[
            ("/clients/*/product_id", "particle-api-js reads it"),
            ("/clients/*/created_at", "for consoles"),
        ]);
        contract.check_with("OAuth-GetV1Clients", &listed, listed_more);
        let one = format!("{path}/{}", made.text("/client/id"));
        let changed = cloud.form("PUT", &one, &user, &[("name", "My App 2")]).await;
        let changed_more = more(&[
            ("/client/product_id", "particle-api-js reads it"),
            ("/client/created_at", "for consoles"),
            ("/client/secret", "a secret is shown once, by POST"),
        ]);
        contract.check_with("OAuth-UpdateOAuthClient", &changed, changed_more);
        contract.check("OAuth-DeleteV1ClientsClientid", &cloud.form("DELETE", &one, &user, &[]).await);
        contract.end();
    }
}
