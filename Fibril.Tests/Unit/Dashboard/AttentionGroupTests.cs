using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Home;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class AttentionGroupTests
{
    [Fact]
    public void Many_of_one_kind_do_not_hide_the_one_of_another()
    {
        AttentionItem[] items = [ItemOf("storage_failing", 0), .. Enumerable.Range(0, 2000).Select(static number => ItemOf("no_consumer", number)), ItemOf("draining", 0)];

        IReadOnlyList<AttentionGroup> groups = AttentionGroup.Of(items);

        Assert.Equal([("storage_failing", 1, 0), ("no_consumer", 3, 1997), ("draining", 1, 0)], groups.Select(static group => (group.Kind, group.Shown.Count, group.OtherCount)));
        Assert.Equal("admin/queues?state=no_consumer&sort=oldest_ready", AttentionLinks.AllOf("no_consumer"));
    }

    [Theory]
    [InlineData("no_consumer", "orders", "admin/queue?topic=orders")]
    [InlineData("no_consumer", "orders (eu)", "admin/queue?topic=orders&group=eu")]
    [InlineData("stalled", "orders/0", "admin/queue?topic=orders")]
    [InlineData("stalled", "orders/2/eu", "admin/queue?topic=orders&group=eu")]
    [InlineData("quarantined", "orders/0", "admin/quarantine")]
    [InlineData("settings_load", "runtime settings v3", "admin/settings")]
    public void The_way_to_act_leads_to_the_thing_itself(string kind, string subject, string address) =>
        Assert.Equal(address, AttentionLinks.Of(ItemOf(kind, 0) with { Subject = subject, ActionHref = "/admin/settings" }));

    private static AttentionItem ItemOf(string kind, int number) => new($"{kind}:{number}", Severity.Warning, kind, $"{number}", "Something is wrong.", "/", 0, null);
}
