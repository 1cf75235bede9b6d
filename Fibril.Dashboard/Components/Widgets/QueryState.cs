using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Components.Widgets;

/// <summary>Keeps what a page shows in its address, so that it can be shared, and comes back with the page.</summary>
public static class QueryState
{
    /// <summary>Changes parameters of the address. A parameter without a value goes away; the page is not left, and the way back does not lead through every letter.</summary>
    public static void SetQuery(this NavigationManager navigation, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var changed = new Dictionary<string, object?>();
        foreach ((string name, object? value) in parameters) changed[name] = value is "" or false ? null : value;
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(changed), replace: true);
    }
}
