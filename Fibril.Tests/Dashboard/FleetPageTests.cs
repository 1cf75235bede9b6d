using Bunit;
using Fibril.Dashboard.Components.Pages.Fleet;
using Fibril.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Dashboard;

public sealed class FleetPageTests
{
    private const string Overview = "admin/api/overview";

    [Fact]
    public async Task A_broker_that_answers_slowly_is_not_asked_again_before_it_has_answered()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        var time = new FakeTimeProvider();
        pages.Context.Services.AddSingleton<TimeProvider>(time);
        pages.Answers.Hold(Overview);
        IRenderedComponent<FleetPage> page = pages.Context.Render<FleetPage>();
        await Patience.Until(() => pages.Answers.Asked(Overview) > 0);

        for (int rounds = 0; rounds < 3; rounds++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await page.InvokeAsync(static () => Task.Delay(50));
        }

        Assert.Equal(1, pages.Answers.Asked(Overview));
        pages.Answers.Release(Overview);
        page.WaitForAssertion(() => Assert.Contains("serving", page.Markup), Patience.Limit);

        pages.Answers.Hold(Overview);
        time.Advance(TimeSpan.FromSeconds(5));
        await Patience.Until(() => pages.Answers.Asked(Overview) == 2);
        pages.Answers.Release(Overview);
    }
}
