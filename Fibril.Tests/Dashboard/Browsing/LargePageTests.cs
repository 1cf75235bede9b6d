using Fibril.Client;
using Fibril.Tests.Support;
using Microsoft.Playwright;

namespace Fibril.Tests.Dashboard.Browsing;

[Collection(Chromium.Collection)]
public sealed class LargePageTests(Chromium chromium)
{
    [Fact]
    public async Task A_page_that_was_rendered_with_much_comes_alive()
    {
        using var directory = new TemporaryDirectory();
        await using HostedBroker host = await HostedBroker.StartAsync(directory.PathOf("data"));
        await using FibrilClient client = await host.ConnectAsync(tls: null);
        Fibril.Client.Publisher publisher = client.CreatePublisher("many");
        for (int i = 0; i < 100; i++) await publisher.PublishAsync("{}"u8.ToArray(), new MessageProperties { Headers = new MessageHeaders { { "why", new string('x', 600) } } });

        await using BrowserWindow window = await chromium.OpenAsync(host.Admin, 1440, ColorScheme.Light);
        await window.GoAsync("admin/messages?topic=many&limit=100");

        Assert.Empty(window.Faults);
        Assert.Equal(100, await window.Page.Locator("tr[data-key]").CountAsync());
    }
}
