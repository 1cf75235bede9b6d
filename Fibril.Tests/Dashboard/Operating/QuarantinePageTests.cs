using Bunit;
using Fibril.Dashboard.Components.Pages.Quarantine;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Dashboard.Operating;

public sealed class QuarantinePageTests
{
    [Fact] // U-01
    public async Task A_repair_says_what_it_gives_up_asks_for_the_topic_and_tells_what_it_did()
    {
        (FibrilTestBroker broker, string file, _) = await DamagedBroker.StartAsync("queue");
        await using PageHarness pages = PageHarness.Over(await AdminHarness.StartAsync(broker));
        await Assert.ThrowsAnyAsync<Exception>(async () => await pages.Broker.Core.Queues.GetAsync(new(new("orders", null), 0)));
        IRenderedComponent<PageFrame> page = pages.Open<QuarantinePage>("admin/quarantine");
        page.WaitForAssertion(() => Assert.Contains(file, page.Find(".quarantined").TextContent), Patience.Limit);
        Assert.Contains("1 record", page.Find(".quarantined strong").TextContent);

        await page.PressAsync(".quarantined", "Repair");
        page.WaitForElement("[data-testid=confirm-text]", Patience.Limit);
        Assert.Contains("1 record cannot be read any more", page.Find(".mud-dialog").TextContent);
        Assert.True(page.FindAll(".mud-dialog button").Single(static button => button.TextContent.Trim() == "Repair").HasAttribute("disabled"));
        await page.ConfirmAsync("orders", "Repair");

        page.WaitForAssertion(() => Assert.Contains("orders partition 0 is repaired and serves again. 1 record given up.", page.Markup.Replace("</strong>", "", StringComparison.Ordinal)), Patience.Limit);
        Assert.Empty(page.FindAll(".quarantined"));
    }

    [Fact]
    public async Task Where_nothing_is_damaged_the_page_says_what_would_happen()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<PageFrame> page = pages.Open<QuarantinePage>("admin/quarantine");
        page.WaitForAssertion(() => Assert.Contains("Nothing is damaged, as far as was read.", page.Markup), Patience.Limit);
        Assert.Contains("A damaged partition serves nobody until somebody repairs it.", page.Markup);
    }
}
