using System.Collections.Concurrent;
using System.Net;
using Fibril.Dashboard.Brokers;

namespace Fibril.Dashboard.Hosting;

/// <summary>Shows brokers that ask nobody for a password to this machine only: whoever reached the dashboard could do everything.</summary>
public sealed class ExposureGuard(RequestDelegate next, BrokerDirectory directory, StandaloneOptions options, TimeProvider time)
{
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (bool IsOpen, long At)> _open = new();

    public async Task InvokeAsync(HttpContext context)
    {
        bool isLocal = context.Connection.LocalIpAddress is not { } address || IPAddress.IsLoopback(address);
        if (!isLocal && !options.AllowUnauthenticated)
        {
            foreach (BrokerEntry broker in directory.All)
            {
                if (!await IsOpenAsync(broker, context.RequestAborted)) continue;
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                await context.Response.WriteAsync(
                    $"The broker {broker.Name} asks nobody for a password, so this dashboard shows it to its own machine only. Switch logins on with admin.auth.enabled at the broker, "
                    + "or set Dashboard:AllowUnauthenticated=true here if everybody may do everything.", context.RequestAborted);
                return;
            }
        }

        await next(context);
    }

    /// <summary>Whether somebody who shows nothing is let in. A broker that cannot be asked shows nothing to anybody.</summary>
    private async Task<bool> IsOpenAsync(BrokerEntry broker, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(broker.Name, out (bool IsOpen, long At) known) && time.GetElapsedTime(known.At) < Believed) return known.IsOpen;
        bool isOpen;
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(BrokerHttp.Timeout);
            using HttpResponseMessage response = await broker.Http.GetAsync("admin/api/session", timeout.Token);
            isOpen = response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        _open[broker.Name] = (isOpen, time.GetTimestamp());
        return isOpen;
    }
}
