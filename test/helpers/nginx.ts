import { foreignServer, type ForeignServer } from './foreign-server.js';

/** nginx with one server block of the test's own; `limit_req zone=all` lets two requests a second pass. */
export const nginx = (server: string): Promise<ForeignServer> =>
  foreignServer(
    (port, folder) => `
      daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/fastcgi; scgi_temp_path ${folder}/scgi; uwsgi_temp_path ${folder}/uwsgi;
        limit_req_zone $binary_remote_addr zone=all:1m rate=2r/s;
        limit_req_status 429;
        map $status $retry_after { 429 1; default ''; }
        server { listen 127.0.0.1:${port}; add_header Retry-After $retry_after always; ${server} }
      }`,
    (file, folder) => ['nginx', '-c', file, '-p', folder],
  );
