using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>Does something when it is first there: for what is loaded only when a reader may see it.</summary>
public sealed class Begin : ComponentBase
{
    [Parameter, EditorRequired]
    public EventCallback Do { get; set; }

    protected override Task OnInitializedAsync() => Do.InvokeAsync();
}
