using Bunit;
using Fibril.Dashboard.Live;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Fibril.Tests.Dashboard;

/// <summary>No late answer is shown over a newer one.</summary>
public sealed class LiveComponentTests
{
    [Fact]
    public async Task What_is_wanted_while_something_is_read_is_read_after_it_and_once()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<Part> part = Show(pages, "a");
        part.Render(parameters => parameters.Add(static shown => shown.What, "b"));
        part.Render(parameters => parameters.Add(static shown => shown.What, "c"));
        Assert.Equal(["a"], part.Instance.Asked);

        await part.Instance.AnswerAsync();
        part.WaitForAssertion(() => Assert.Equal(["a", "c"], part.Instance.Asked), Patience.Limit);
        Assert.DoesNotContain("loaded", part.Markup);
        await part.Instance.AnswerAsync();

        part.WaitForAssertion(() => Assert.Equal("c, loaded", part.Markup), Patience.Limit);
        Assert.Equal(["a", "c"], part.Instance.Asked);
    }

    [Fact]
    public async Task What_the_address_does_not_ask_for_any_more_is_not_waited_for()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<Part> part = Show(pages, "a");
        pages.Navigation.NavigateTo("admin/queues?q=b");
        part.Render(parameters => parameters.Add(static shown => shown.What, "b"));

        part.WaitForAssertion(() => Assert.Equal(["a", "b"], part.Instance.Asked), Patience.Limit);
        await part.Instance.AnswerAsync();
        part.WaitForAssertion(() => Assert.Equal("b, loaded", part.Markup), Patience.Limit);
    }

    private static IRenderedComponent<Part> Show(PageHarness pages, string what) => pages.Context.Render<Part>(parameters => parameters.Add(static shown => shown.What, what));

    /// <summary>Shows what it has read last, and is answered by the test.</summary>
    private sealed class Part : LiveComponent
    {
        private TaskCompletionSource _answer = new();
        private string _shown = "";

        [Parameter]
        public string What { get; set; } = "";

        public List<string> Asked { get; } = [];

        public Task AnswerAsync() => InvokeAsync(_answer.SetResult);

        protected override async Task LoadAsync()
        {
            string what = What;
            Asked.Add(what);
            _answer = new TaskCompletionSource();
            await _answer.Task.WaitAsync(Wanted);
            _shown = what;
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, IsLoaded ? $"{_shown}, loaded" : _shown);
    }
}
