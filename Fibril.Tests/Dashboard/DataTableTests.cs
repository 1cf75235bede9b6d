using Bunit;
using Fibril.Dashboard.Components.Widgets;
using Fibril.Tests.Support;
using Microsoft.AspNetCore.Components;

namespace Fibril.Tests.Dashboard;

public sealed class DataTableTests
{
    [Fact]
    public async Task Under_the_pointer_values_change_and_rows_do_not()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<Listing> table = pages.Context.Render<Listing>(parameters => parameters.Add(static list => list.Rows, [new("a", 1), new("b", 2)]));
        await table.Find(".table-block").TriggerEventAsync("onpointerenter", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());

        table.Render(parameters => parameters.Add(static list => list.Rows, [new("c", 9), new("b", 3)]));
        Assert.Equal(["a 1", "b 3"], RowsOf(table));
        Assert.Contains("The list has changed meanwhile", table.Markup);

        await table.Find(".table-block").TriggerEventAsync("onpointerleave", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());
        Assert.Equal(["c 9", "b 3"], RowsOf(table));
    }

    [Fact]
    public async Task What_the_reader_asked_for_is_shown_at_once_wherever_the_pointer_is()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        IRenderedComponent<Listing> table = pages.Context.Render<Listing>(parameters => parameters.Add(static list => list.Rows, [new("a", 1)]).Add(static list => list.View, "page 1"));
        await table.Find(".table-block").TriggerEventAsync("onpointerenter", new Microsoft.AspNetCore.Components.Web.PointerEventArgs());

        table.Render(static parameters => parameters.Add(static list => list.View, "page 2")); // the rows come a moment later
        Assert.Equal(["a 1"], RowsOf(table));
        table.Render(parameters => parameters.Add(static list => list.Rows, [new("z", 26)]));
        Assert.Equal(["z 26"], RowsOf(table));

        table.Render(parameters => parameters.Add(static list => list.Rows, [new("y", 25)])); // by itself
        Assert.Equal(["z 26"], RowsOf(table));
    }

    [Fact]
    public async Task An_address_behind_the_end_of_a_list_leads_to_its_last_page()
    {
        await using PageHarness pages = await PageHarness.StartAsync();
        int? offset = null;
        pages.Context.Render<Listing>(parameters => parameters.Add(static list => list.Rows, []).Add(static list => list.Total, 101).Add(static list => list.Offset, 500).Add(static list => list.OnOffset, to => offset = to));
        Assert.Equal(100, offset);
    }

    private static string[] RowsOf(IRenderedComponent<Listing> table) => [.. table.FindAll("tr[data-key] td").Select(static cell => cell.TextContent)];

    internal sealed record Row(string Name, int Value);

    /// <summary>A table of one column.</summary>
    internal sealed class Listing : ComponentBase
    {
        [Parameter]
        public IReadOnlyList<Row>? Rows { get; set; }

        [Parameter]
        public string? View { get; set; }

        [Parameter]
        public int? Total { get; set; }

        [Parameter]
        public int Offset { get; set; }

        [Parameter]
        public EventCallback<int> OnOffset { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            builder.OpenComponent<DataTable<Row>>(0);
            builder.AddAttribute(1, "Caption", "Rows");
            builder.AddAttribute(2, "Rows", Rows);
            builder.AddAttribute(3, "Key", (Func<Row, string>)(static row => row.Name));
            builder.AddAttribute(4, "View", View);
            builder.AddAttribute(5, "Total", Total);
            builder.AddAttribute(6, "Offset", Offset);
            builder.AddAttribute(7, "OnOffset", OnOffset);
            builder.AddAttribute(8, "Columns", (RenderFragment)(static columns =>
            {
                columns.OpenComponent<DataColumn<Row>>(0);
                columns.AddAttribute(1, "Title", "Row");
                columns.AddAttribute(2, "ChildContent", (RenderFragment<Row>)(static row => cell => cell.AddContent(0, $"{row.Name} {row.Value}")));
                columns.CloseComponent();
            }));
            builder.CloseComponent();
        }
    }
}
