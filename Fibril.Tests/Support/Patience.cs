namespace Fibril.Tests.Support;

/// <summary>Waits for things that happen on other threads. The limit only turns a hang into a failure; no test depends on its length.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task Wait(Task task) => task.WaitAsync(Limit);

    public static Task<T> Wait<T>(Task<T> task) => task.WaitAsync(Limit);

    public static Task<T> Wait<T>(ValueTask<T> task) => task.AsTask().WaitAsync(Limit);

    public static Task Wait(ValueTask task) => task.AsTask().WaitAsync(Limit);

    /// <summary>For what no event tells: looks again and again.</summary>
    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    /// <inheritdoc cref="Until(Func{bool})"/>
    public static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
