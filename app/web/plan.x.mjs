import { chromium } from 'playwright-core';
const base='http://127.0.0.1:38231', out='/tmp/w/plan/shots';
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking']});
const jobs=JSON.parse(process.argv[2]);
for(const j of jobs){
  const c=await b.newContext({viewport:{width:j.w||360,height:j.h||760},locale:j.en?'en':'zh-CN',deviceScaleFactor:j.s||1});
  if(j.elder) await c.addCookies([{name:'elder',value:'on',url:base}]);
  const p=await c.newPage();
  await p.goto(base+'/login/password'); await p.fill('[name=login]',j.who); await p.fill('[name=password]',j.who); await p.click('main form[action="/login/password"] button'); await p.waitForLoadState();
  await p.goto(base+j.path); 
  if(j.text){ await p.fill('textarea[name=text]', j.text); await p.waitForTimeout(1500); }
  for (const o of j.open||[]) await p.click(o);
  await p.waitForTimeout(300);
  const over=await p.evaluate(()=>document.documentElement.scrollWidth-innerWidth);
  if(over>0) console.log(j.name,'overflows by',over);
  await p.screenshot({path:`${out}/${j.name}.png`,fullPage:true});
  await c.close();
}
await b.close();
