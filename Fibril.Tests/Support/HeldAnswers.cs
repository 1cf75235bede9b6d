using System.Collections.Concurrent;

namespace Fibril.Tests.Support;

/// <summary>Stands between pages and their broker, and keeps answers back for as long as a test wants.</summary>
internal sealed class HeldAnswers : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();

    /// <summary>Keeps back every answer whose path and query contain a text, until it is released.</summary>
    public void Hold(string text) => _held[text] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string text)
    {
        if (_held.TryRemove(text, out TaskCompletionSource? held)) held.SetResult();
    }

    /// <summary>Answers whose path and query contain this do not come: the broker cannot be reached.</summary>
    public string? Lost { get; set; }

    /// <summary>How often answers with a text were kept back.</summary>
    public int Asked(string text) => _asked.GetValueOrDefault(text);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Lost is { } lost && request.RequestUri!.PathAndQuery.Contains(lost, StringComparison.Ordinal)) throw new HttpRequestException("lost");
        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        foreach ((string text, TaskCompletionSource held) in _held)
        {
            if (!request.RequestUri!.PathAndQuery.Contains(text, StringComparison.Ordinal)) continue;
            _asked.AddOrUpdate(text, 1, static (_, count) => count + 1);
            await held.Task.WaitAsync(cancellationToken);
        }

        return answer;
    }
}
