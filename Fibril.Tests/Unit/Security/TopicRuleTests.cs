using Fibril.Broker.Security.Users;

namespace Fibril.Tests.Unit.Security;

/// <summary>What a rule of a user allows.</summary>
public sealed class TopicRuleTests
{
    [Theory]
    [InlineData("orders", "orders", true)]
    [InlineData("orders", "orders.eu", false)]
    [InlineData("orders*", "orders", true)]
    [InlineData("orders.*", "orders.eu.west", true)]
    [InlineData("orders.*", "orders", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*.dead", "orders.dead", true)]
    [InlineData("*.dead", "orders.dead.letters", false)]
    [InlineData("a*b*c", "aXXbXXbc", true)]
    [InlineData("a*b*c", "aXXc", false)]
    public void A_star_stands_for_any_number_of_characters(string pattern, string topic, bool matches) =>
        Assert.Equal(matches, new TopicRule(pattern, TopicOperations.All).Matches(topic));

    [Fact]
    public void Rules_add_up_and_what_none_allows_is_denied()
    {
        var rules = new TopicRules([new("orders.*", TopicOperations.Consume), new("*.eu", TopicOperations.Publish)]);
        Assert.True(rules.Allow("orders.eu", TopicOperations.Publish | TopicOperations.Consume));
        Assert.True(rules.Allow("orders.us", TopicOperations.Consume));
        Assert.False(rules.Allow("orders.us", TopicOperations.Publish));
        Assert.False(rules.Allow("orders.eu", TopicOperations.Manage));
        Assert.True(rules.AllowAnyOn("videos.eu"));
        Assert.False(rules.AllowAnyOn("videos.us"));
    }

    [Theory]
    [InlineData("", (int)TopicOperations.All)]
    [InlineData("Orders", (int)TopicOperations.All)]
    [InlineData("or ders", (int)TopicOperations.All)]
    [InlineData("orders?", (int)TopicOperations.All)]
    [InlineData("orders", (int)TopicOperations.None)]
    [InlineData("orders", 8)]
    public void A_rule_that_can_never_do_anything_is_explained(string pattern, int operations) =>
        Assert.NotNull(TopicRule.Explain(new TopicRule(pattern, (TopicOperations)operations)));
}
