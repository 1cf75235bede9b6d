using Microsoft.AspNetCore.Components;

namespace Fibril.Dashboard.Live;

/// <summary>A component that takes a part of the address as its parameters.</summary>
/// <remarks>
/// The framework tells all such components of a new address one after the other, and must not lose or gain one meanwhile: it would end the circuit. Whoever
/// is told renders a moment later, because that may bring or remove others.
/// </remarks>
public abstract class QueryComponent : ComponentBase
{
    private bool _isKnown;
    private int _deferred;

    public override Task SetParametersAsync(ParameterView parameters)
    {
        bool isFirst = !_isKnown;
        _isKnown = true;
        if (isFirst) return base.SetParametersAsync(parameters);
        _deferred++;
        Task set = base.SetParametersAsync(parameters);
        _ = RenderLaterAsync();
        return set;
    }

    protected override bool ShouldRender() => _deferred == 0;

    private async Task RenderLaterAsync()
    {
        await Task.Yield();
        _deferred--;
        StateHasChanged();
    }
}
