using Fibril.Broker.Security.Passwords;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Security;

/// <summary>Passwords that wait to be looked at are bounded.</summary>
public sealed class HashingRoomTests
{
    [Fact]
    public async Task What_finds_no_room_is_refused_until_somebody_gives_up()
    {
        var room = new HashingRoom(places: 1, mostWaiting: 1);
        using var mayEnd = new ManualResetEventSlim();
        using var gone = new CancellationTokenSource();
        Task<int> working = room.WorkAsync(
            () =>
            {
                mayEnd.Wait();
                return 1;
            }, CancellationToken.None);
        Task<int> leaving = room.WorkAsync(static () => 2, gone.Token);
        await Assert.ThrowsAsync<TooManyLoginsException>(() => room.WorkAsync(static () => 3, CancellationToken.None));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Task<int> waiting = room.WorkAsync(static () => 4, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        mayEnd.Set();
        Assert.Equal((1, 4), (await Patience.Wait(working), await Patience.Wait(waiting)));
    }
}
