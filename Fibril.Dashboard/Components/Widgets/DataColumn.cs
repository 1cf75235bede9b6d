using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>A column of a <see cref="DataTable{TRow}"/>.</summary>
public sealed class DataColumn<TRow> : ComponentBase where TRow : class
{
    [CascadingParameter]
    public DataTable<TRow> Table { get; set; } = null!;

    [Parameter, EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>What the numbers are.</summary>
    [Parameter]
    public string? Hint { get; set; }

    /// <summary>The name of its order in the API; null when nothing can be sorted by it.</summary>
    [Parameter]
    public string? Sort { get; set; }

    /// <summary>True where the first click should bring the largest to the top.</summary>
    [Parameter]
    public bool LargestFirst { get; set; }

    /// <summary>Classes of its cells: <c>num</c> for numbers.</summary>
    [Parameter]
    public string? Class { get; set; }

    /// <summary>False for the one that says what the row is.</summary>
    [Parameter]
    public bool CanHide { get; set; } = true;

    /// <summary>False while there is nothing to say in it.</summary>
    [Parameter]
    public bool IsShown { get; set; } = true;

    [Parameter]
    public RenderFragment<TRow>? ChildContent { get; set; }

    protected override void OnInitialized() => Table.Add(this);
}
