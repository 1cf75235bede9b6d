using System.Net;
using Fibril.Broker.Security.Logins;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Security;

/// <summary>Many logins at once hold up the network that they come from, and no other.</summary>
public sealed class LoginPlacesTests
{
    private static readonly IPAddress Busy = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Other = IPAddress.Parse("203.0.113.8");

    private readonly LoginPlaces _places = new();

    [Fact]
    public async Task A_few_logins_of_a_network_are_looked_at_at_once_and_the_next_when_one_is_through()
    {
        IDisposable[] held = await FillAsync();
        Task<IDisposable?> next = EnterAsync(Busy);
        Assert.False(next.IsCompleted);
        Assert.True(EnterAsync(Other).IsCompleted);
        held[0].Dispose();
        Assert.NotNull(await Patience.Wait(next));
    }

    [Fact]
    public async Task Too_many_are_refused_until_somebody_gives_up()
    {
        await FillAsync();
        using var gone = new CancellationTokenSource();
        Task<IDisposable?> leaving = _places.EnterAsync(Busy, gone.Token).AsTask();
        for (int i = 1; i < LoginPlaces.MostWaitingPerNetwork; i++) Assert.False(EnterAsync(Busy).IsCompleted);
        Assert.Null(await EnterAsync(Busy));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.False(EnterAsync(Busy).IsCompleted);
    }

    [Fact]
    public async Task A_network_is_forgotten_when_its_logins_are_through()
    {
        foreach (IDisposable place in await FillAsync()) place.Dispose();
        Assert.Equal(0, _places.NetworkCount);
    }

    private async Task<IDisposable[]> FillAsync()
    {
        var held = new List<IDisposable>();
        while (held.Count < LoginPlaces.PlacesPerNetwork) held.Add((await EnterAsync(Busy))!);
        return [.. held];
    }

    private Task<IDisposable?> EnterAsync(IPAddress address) => _places.EnterAsync(address, TestContext.Current.CancellationToken).AsTask();
}
