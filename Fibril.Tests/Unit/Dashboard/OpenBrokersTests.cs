using System.Net;
using Fibril.Dashboard.Brokers;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Dashboard;

/// <summary>Which brokers ask nobody for a password: every page of other machines waits for the answer, so it is remembered.</summary>
public sealed class OpenBrokersTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_is_away_is_not_asked_for_every_page()
    {
        var away = new Answers(static _ => throw new HttpRequestException("nobody there"));
        OpenBrokers brokers = Of(away);
        for (int page = 0; page < 5; page++) Assert.Null(await brokers.FindAsync(Cancellation));
        Assert.Equal(1, away.Count);
        _time.Advance(TimeSpan.FromSeconds(11));
        await brokers.FindAsync(Cancellation);
        Assert.Equal(2, away.Count);
    }

    [Fact]
    public async Task An_answer_is_believed_for_half_a_minute()
    {
        HttpStatusCode status = HttpStatusCode.OK;
        var broker = new Answers(_ => Task.FromResult(new HttpResponseMessage(status)));
        OpenBrokers brokers = Of(broker);
        Assert.Equal("broker 0", (await brokers.FindAsync(Cancellation))?.Name);
        status = HttpStatusCode.Unauthorized;
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.NotNull(await brokers.FindAsync(Cancellation));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await brokers.FindAsync(Cancellation));
    }

    [Fact] // it may come back as it was while pages are open
    public async Task A_broker_that_went_away_is_taken_for_what_it_was()
    {
        bool isAway = false;
        OpenBrokers brokers = Of(new Answers(_ => isAway ? throw new HttpRequestException("nobody there") : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK))));
        Assert.NotNull(await brokers.FindAsync(Cancellation));
        isAway = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await brokers.FindAsync(Cancellation));
    }

    [Fact]
    public async Task Brokers_are_asked_at_once_and_one_that_says_nothing_is_not_waited_for()
    {
        var silent = new Answers(static async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("nothing ends this wait but its token");
        });
        var open = new Answers(static _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        Task<BrokerEntry?> finding = Of(silent, open).FindAsync(Cancellation);
        Assert.Equal((1, 1), (silent.Count, open.Count));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("broker 1", (await Patience.Wait(finding))?.Name);
    }

    private OpenBrokers Of(params Answers[] answers) => new(
        new BrokerDirectory([.. answers.Select(static (answer, number) => new BrokerEntry($"broker {number}", new HttpClient(answer) { BaseAddress = new Uri("http://broker") }, $"cookie{number}"))]), _time);

    private sealed class Answers(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return answer(cancellationToken);
        }
    }
}
