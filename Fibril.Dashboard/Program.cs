using Fibril.Dashboard.Hosting;

return await StandaloneHost.RunAsync(args);
